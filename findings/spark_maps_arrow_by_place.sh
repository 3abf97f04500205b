#!/usr/bin/env bash
# pyspark 4.3.0 and pyarrow 26.0.1: which column is which in what a mapped function yields.
#
# mapInPandas and mapInArrow take a function and the schema of what it yields, and stand beside each
# other in the documentation. Of a frame, columns are found by their names. Of a record batch they are
# taken in their order, whatever their names are: two of one type that a function yields the other way
# round are exchanged, without an error or a warning.
#
# Needs Java 17.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  pyspark==4.3.0 pandas==3.1.1 pyarrow==26.0.1
cat > map.py <<'PY'
from pyspark.sql import SparkSession

def in_pandas(frames):
    import pandas
    for _ in frames:
        yield pandas.DataFrame({"length": [1.0], "height": [2.0]})

def in_arrow(batches):
    import pyarrow
    for _ in batches:
        yield pyarrow.RecordBatch.from_pydict({"length": [1.0], "height": [2.0]})

def named_otherwise(batches):
    import pyarrow
    for _ in batches:
        yield pyarrow.RecordBatch.from_pydict({"one": [1.0], "two": [2.0]})

session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
rows = session.range(0, 1, 1, 1)
schema = "height double, length double"
for name, made in {
    "mapInPandas": rows.mapInPandas(in_pandas, schema),
    "mapInArrow": rows.mapInArrow(in_arrow, schema),
    "mapInArrow, other names": rows.mapInArrow(named_otherwise, schema),
}.items():
    print(f"{name}: {made.first().asDict()}")
PY
export PYSPARK_PYTHON="$work/venv/bin/python"
venv/bin/python -I -W ignore map.py 2> said.txt | grep '^mapIn' > seen.txt
cat > wanted.txt <<'TXT'
mapInPandas: {'height': 2.0, 'length': 1.0}
mapInArrow: {'height': 1.0, 'length': 2.0}
mapInArrow, other names: {'height': 1.0, 'length': 2.0}
TXT
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
