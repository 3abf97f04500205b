#!/usr/bin/env bash
# pandas 3.1.1 and numexpr 2.14.2: what `DataFrame.eval` and `query` say where numexpr is installed.
#
# pandas takes numexpr for expressions as soon as it is installed, and it is known to be faster. One
# would guess that it says the same. It has no small types, so that
#   - uint8 and int16 do not wrap around: `there - sold` of 1 and 2 is -1, and 255 without it;
#   - `query("there - sold < 0")` finds a row, and none without it;
#   - `sqrt` of uint8 has 64 bits, and 16 without it; `abs` of int64 gives floats, and int64 without.
# `frame["there"] - frame["sold"]` wraps around in both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pandas==3.1.1
cat > ask.py <<'PY'
import pandas as pd

counts = pd.DataFrame({"there": [1, 2, 30], "sold": [2, 2, 5]}, dtype="uint8")
big = pd.DataFrame({"n": [-7, 7]}, dtype="int64")
print("eval", counts.eval("there - sold").tolist())
print("query", len(counts.query("there - sold < 0")))
print("sqrt", counts.eval("sqrt(sold)").dtype)
print("abs", big.eval("abs(n)").dtype)
print("plain", (counts["there"] - counts["sold"]).tolist())
PY
v/bin/python -I ask.py > without.txt
v/bin/python -m pip install --quiet --disable-pip-version-check numexpr==2.14.2
v/bin/python -I ask.py > with.txt
expect() { # expect FILE LINES
  [ "$(cat "$1.txt")" = "$2" ] || { echo "changed: $1 numexpr:"; cat "$1.txt"; exit 1; }
  echo "as seen: $1 numexpr:"
  echo "$2"
}

expect without $'eval [255, 0, 25]\nquery 0\nsqrt float16\nabs int64\nplain [255, 0, 25]'
expect with $'eval [-1, 0, 25]\nquery 1\nsqrt float64\nabs float64\nplain [255, 0, 25]'
