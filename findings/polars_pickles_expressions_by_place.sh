#!/usr/bin/env bash
# polars 2.0.0 and 2.1.0: what an expression that one pickled says when the other loads it.
#
# One would guess that what the next version cannot read fails, as a pickled LazyFrame does, which holds a
# hash of its format. An expression holds none, and names operators and functions by their place in a list
# that changes from version to version. So it is loaded, without a warning, as another one:
#   - `|` is `&`, `ceil()` is `floor()`, `fill_null(0)` is `sign()`, `cum_sum()` is `cum_count()`;
#   - `mean()` is `mean()`, so that a test of one expression says nothing of the next.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
for version in 2.0.0 2.1.0; do
  "$python" -m venv "$version"
  "$version/bin/python" -m pip install --quiet --disable-pip-version-check "polars==$version" 2>>log.txt
done
cat > write.py <<'PY'
import pickle
import polars as pl

x = pl.col("x")
made = {
    "or": (x < 0) | (x > 3),
    "ceil": x.ceil(),
    "fill": x.fill_null(0),
    "running": x.cum_sum(),
    "mean": x.mean(),
    "lazy": pl.LazyFrame({"x": [1.0]}).select(x.mean()),
}
with open("made.pkl", "wb") as file:
    pickle.dump({name: pickle.dumps(each) for name, each in made.items()}, file)
PY
cat > read.py <<'PY'
import pickle, warnings
import polars as pl

warnings.simplefilter("error")
frame = pl.DataFrame({"x": [3.5, -1.0, 2.5]})
with open("made.pkl", "rb") as file:
    for name, data in pickle.load(file).items():
        try:
            read = pickle.loads(data)
        except pl.exceptions.ComputeError:
            print(f"{name}: refused")
            continue
        if isinstance(read, pl.Expr):
            print(f"{name}: {frame.select(read).to_series().to_list()}")
PY
2.0.0/bin/python write.py
diff - <(2.0.0/bin/python read.py 2>>log.txt) <<'SEEN' || { echo "changed: what 2.0.0 reads of its own"; exit 1; }
or: [True, True, False]
ceil: [4.0, -1.0, 3.0]
fill: [3.5, -1.0, 2.5]
running: [3.5, 2.5, 5.0]
mean: [1.6666666666666667]
SEEN
echo "as seen: 2.0.0 reads what it pickled"
diff - <(2.1.0/bin/python read.py 2>>log.txt) <<'SEEN' || { echo "changed: what 2.1.0 reads of it"; exit 1; }
or: [False, False, False]
ceil: [3.0, -1.0, 2.0]
fill: [1.0, -1.0, 1.0]
running: [1, 2, 3]
mean: [1.6666666666666667]
lazy: refused
SEEN
echo "as seen: 2.1.0 reads other expressions, and refuses a LazyFrame"
