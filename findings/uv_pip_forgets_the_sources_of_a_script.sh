#!/usr/bin/env bash
# uv 0.13.9: `uv pip install -r` and `uv pip compile` on a script with a block of its own (PEP 723).
#
# A script says that it needs `greet`, and [tool.uv.sources] in its block that `greet` is a file beside
# it. `uv run` and `uv export --script` take that file. `uv pip install -r script.py` and `uv pip compile
# script.py` read the dependencies of the block and not its sources: they ask the index for the name. From
# a pyproject.toml that says the same, they take the file. So an environment that is built from the script
# may have another version than the script runs with, or cannot be built.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
cat > make.py <<'PY'
import pathlib, sys, zipfile

folder, version = pathlib.Path(sys.argv[1]), sys.argv[2]
folder.mkdir(exist_ok=True)
info = f"greet-{version}.dist-info"
with zipfile.ZipFile(folder / f"greet-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr("greet.py", f"version = '{version}'\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: greet\nVersion: {version}\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in ["greet.py", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD"]))
PY
"$python" make.py own 1.0
"$python" make.py index 9.0
cat > script.py <<'PY'
# /// script
# dependencies = ["greet"]
# [tool.uv.sources]
# greet = { path = "own/greet-1.0-py3-none-any.whl" }
# ///
import greet

print(greet.version)
PY
cat > pyproject.toml <<'TOML'
[project]
name = "same"
version = "1.0"
dependencies = ["greet"]
[tool.uv.sources]
greet = { path = "own/greet-1.0-py3-none-any.whl" }
TOML
uv() { tools/bin/uv "$@" --quiet --cache-dir cache --no-index --find-links index; }
installed_by() { # installed_by FILE
  rm -rf environment
  "$python" -m venv --without-pip environment
  uv pip install --python environment/bin/python -r "$1"
  environment/bin/python -c "import greet; print(greet.version)"
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
run=$(tools/bin/uv run --quiet --cache-dir cache --no-index --find-links index --python "$python" --script script.py)
expect "uv run takes the file" 1.0 "$run"
expect "uv pip install takes it from a pyproject.toml" 1.0 "$(installed_by pyproject.toml)"
expect "uv pip install asks the index for it from a script" 9.0 "$(installed_by script.py)"
compiled=$(tools/bin/uv pip compile --quiet --no-header --no-annotate --cache-dir cache --no-index --find-links index script.py)
expect "and so does uv pip compile" "greet==9.0" "$compiled"
