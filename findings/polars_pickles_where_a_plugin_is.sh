#!/usr/bin/env bash
# polars 2.1.0 with the plugin polars-ds 0.13.0: what a pickled expression that calls a plugin holds.
#
# One would guess the name of the plugin, as a pickled function is the name of its module: it would
# then work wherever the plugin is installed. It holds the path of the plugin's library:
#   - made in the virtual environment that has the plugin, the path below `sys.prefix`: it works in
#     every other one of the same minor Python (`lib/python3.x` is part of it), and is not found
#     where the plugin is in a folder on PYTHONPATH (`pip install --target`, `uv run --with`);
#   - made where the plugin is in such a folder, the absolute path: it works nowhere else.
# In both `import polars_ds` works all the while, and loading the pickle does not import it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
install() { # install PYTHON ARGUMENTS
  "$1" -m pip install --quiet --disable-pip-version-check "${@:2}"
}
for name in made same bare; do "${PYTHON:-python3}" -m venv "$name"; done
for name in made same; do install "$name/bin/python" polars==2.1.0 polars-ds==0.13.0; done
install bare/bin/python polars==2.1.0
install bare/bin/python --no-deps --target folder polars-ds==0.13.0
cat > make.py <<'PY'
import os, pickle, sys

import polars_ds

held = pickle.dumps(polars_ds.str_leven("one", "other"))
open(sys.argv[1], "wb").write(held)
folder = os.path.dirname(os.path.abspath(polars_ds.__file__))
below = os.path.relpath(folder, sys.prefix)
print("absolute" if folder.encode() in held else "below" if below.encode() in held else "neither")
PY
cat > use.py <<'PY'
import importlib.util, pickle, sys

import polars as pl

has = importlib.util.find_spec("polars_ds") is not None
frame = pl.DataFrame({"one": ["Talin"], "other": ["Tallinn"]})
expression = pickle.load(open(sys.argv[1], "rb"))
try:
    found = frame.select(expression).item()
except pl.exceptions.ComputeError as error:
    found = str(error).partition(":")[0]
print(f"has the plugin: {has}, imported it: {'polars_ds' in sys.modules}, {found}")
PY
expect() { # expect WHERE LINE
  [ "$2" = "$3" ] || { echo "changed, $1: $2"; exit 1; }
  echo "as seen, $1: $2"
}
expect "the path of a venv's" "$(made/bin/python make.py below.pkl)" below
expect "the path of a folder's" "$(PYTHONPATH=folder bare/bin/python make.py absolute.pkl)" absolute
works="has the plugin: True, imported it: False, 2"
fails="has the plugin: True, imported it: False, error loading dynamic library"
expect "made in a venv, used in another" "$(same/bin/python use.py below.pkl)" "$works"
expect "made in a venv, used with a folder" \
  "$(PYTHONPATH=folder bare/bin/python use.py below.pkl)" "$fails"
expect "made with a folder, used with it" \
  "$(PYTHONPATH=folder bare/bin/python use.py absolute.pkl)" "$works"
mv folder moved
expect "made with a folder, used where it was moved" \
  "$(PYTHONPATH=moved bare/bin/python use.py absolute.pkl)" "$fails"
