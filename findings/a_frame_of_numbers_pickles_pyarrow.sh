#!/usr/bin/env bash
# pandas 3.1.1 and pyarrow 26.0.1: what a pickled frame of numbers needs to be loaded.
#
# One would guess that a DataFrame of floats is numpy arrays and labels, so that whoever has pandas
# loads its pickle. Since column labels are of the dtype `str`, they lie in pyarrow's memory wherever
# pyarrow was installed, though nobody imported it:
#   - the frame prints, and its dtypes read, the same with pyarrow and without;
#   - pickled beside pyarrow it can only be loaded beside pyarrow, and so can an empty slice of it, a
#     Series, or anything that holds a frame's columns;
#   - pickled without pyarrow it is loaded everywhere.
# numpy's own arrays, and a frame whose labels are numbers, are as they were.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in with without; do
  "${PYTHON:-python3}" -m venv $name
  $name/bin/python -m pip install --quiet --disable-pip-version-check pandas==3.1.1
done
with/bin/python -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1
cat > save.py <<'PY'
import pickle, sys
import pandas as pd

frame = pd.DataFrame({"weight": [1.5, 2.5], "price": [3.0, 4.0]})
things = {
    "frame": frame,
    "empty": frame.iloc[:0],
    "series": frame.loc[0],
    "columns": frame.columns,
    "array": frame.to_numpy(),
    "numbered": frame.set_axis([0, 1], axis=1),
}
for name, thing in things.items():
    pickle.dump(thing, open(f"{sys.argv[1]}-{name}.pkl", "wb"))
print(frame, frame.dtypes.tolist(), frame.columns.dtype)
PY
for name in with without; do $name/bin/python -I save.py $name > $name.txt; done
load() { # load ENVIRONMENT FILE: `loaded`, or the last line of what is said
  "$1/bin/python" -I -c "import pickle; pickle.load(open('$2.pkl', 'rb')); print('loaded')" 2>&1 | tail -1
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}

expect "the frame prints the same with and without pyarrow" "$(cat with.txt)" "$(cat without.txt)"
for name in frame empty series columns; do
  expect "$name, pickled beside pyarrow, is not loaded without it" \
    "ModuleNotFoundError: No module named 'pyarrow'" "$(load without with-$name)"
  expect "$name, pickled beside pyarrow, is loaded beside it" loaded "$(load with with-$name)"
  expect "$name, pickled without pyarrow, is loaded beside it" loaded "$(load with without-$name)"
done
for name in array numbered; do
  expect "$name, pickled beside pyarrow, is loaded without it" loaded "$(load without with-$name)"
done
