#!/usr/bin/env bash
# uv 0.13.9: a wheel that a project finds in a folder of `find-links`, and its line in uv.lock.
#
# uv.lock has a hash of every file of an index, and one would guess of a local wheel too. Of one that is
# found by `find-links` it has the path alone: another wheel of that name in its place is installed by
# `uv sync --locked` without a word. The same wheel as `sources = {x = {path = ...}}` is locked with its
# hash, and the other one is then refused.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
export PATH=$work/tools/bin:$PATH UV_CACHE_DIR=$work/cache UV_PYTHON=$work/tools/bin/python
cat > make.py <<'PY'
import base64, hashlib, sys, zipfile

folder, said = sys.argv[1:]
info = "own-1.0.dist-info"
files = {
    "own.py": f"said = {said!r}\n",
    f"{info}/METADATA": "Metadata-Version: 2.1\nName: own\nVersion: 1.0\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
rows = []
for name, text in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    rows.append(f"{name},sha256={digest},{len(text)}\n")
with zipfile.ZipFile(f"{folder}/own-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in {**files, f"{info}/RECORD": "".join([*rows, f"{info}/RECORD,,\n"])}.items():
        wheel.writestr(name, text)
PY
project() { # project NAME LINE
  mkdir -p "$1/wheels"
  printf '[project]\nname = "p"\nversion = "0"\nrequires-python = ">=3.9"\ndependencies = ["own==1.0"]\n' \
    > "$1/pyproject.toml"
  printf '[tool.uv]\npackage = false\nno-index = true\n%s\n' "$2" >> "$1/pyproject.toml"
  "$python" make.py "$1/wheels" first
  uv lock --quiet --project "$1"
  "$python" make.py "$1/wheels" second
}
synced() { # synced NAME CACHE: what is installed of the changed wheel
  uv sync --quiet --locked --cache-dir "$2" --project "$1" 2>"$1/log.txt" && "$1/.venv/bin/python" -c "import own; print(own.said)" ||
    { grep -q -i "hash" "$1/log.txt" && echo refused || cat "$1/log.txt"; }
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
project found 'find-links = ["wheels"]'
expect "uv.lock has no hash of what find-links finds" 0 "$(grep -c sha256 found/uv.lock || true)"
expect "and what took its place is installed" second "$(synced found fresh1)"
project named 'sources = { own = { path = "wheels/own-1.0-py3-none-any.whl" } }'
expect "of what is named by its path it has" 1 "$(grep -c sha256 named/uv.lock)"
expect "and what took its place is refused" refused "$(synced named fresh2)"
