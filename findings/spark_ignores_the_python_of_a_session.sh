#!/usr/bin/env bash
# pyspark 4.3.0: which Python runs a function, where a session is told one.
#
# `spark.pyspark.python` is documented as the Python of the driver and all executors, ahead of the
# environment variable PYSPARK_PYTHON. So it is for spark-submit. Given to the builder of a session
# in a program that Python started itself, it is taken without a word: the session answers with it
# when asked for its configuration, and functions run in the driver's own Python. PYSPARK_PYTHON, set
# before the session begins, is heeded.
#
# Needs Java 17.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in driver other; do "${PYTHON:-python3}" -m venv $name; done
driver/bin/python -m pip install --quiet --disable-pip-version-check pyspark==4.3.0
cat > where.py <<'PY'
import sys
from pyspark.sql import SparkSession

builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
for other in sys.argv[1:]:
    builder = builder.config("spark.pyspark.python", other)
session = builder.getOrCreate()
told = session.conf.get("spark.pyspark.python", "nothing")
ran = session.sparkContext.parallelize([0], 1).map(lambda _: __import__("sys").prefix).first()
print(*[text.split("/bin/")[0].rpartition("/")[2] for text in (told, ran)])
PY
ask() { # ask ARGUMENT...: of which Python the session tells, and which runs a function
  driver/bin/python -I where.py "$@" 2> said.txt | tail -1
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}

unset PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON
export PATH="$work/driver/bin:$PATH"
expect "told nothing, it runs functions in the driver's" "nothing driver" "$(ask)"
expect "told by the builder, it says so and does not" "other driver" "$(ask "$work/other/bin/python")"
export PYSPARK_PYTHON="$work/other/bin/python"
expect "told by the variable, it does" "nothing other" "$(ask)"
