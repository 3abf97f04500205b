#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9: a file of requirements that names its index, and a user who names another.
#
# One would guess that the two agree on whose word is the last, as uv reads pip's files: so that a
# file with `--index-url` brings the same versions by either. They are of opposite minds, in silence:
#   - pip takes the file's index, over PIP_INDEX_URL and over --index-url of the command;
#   - uv takes the user's, UV_DEFAULT_INDEX or --default-index (and the older UV_INDEX_URL), and never
#     asks the file's. Without these it takes the file's, as pip does.
# So who sets UV_DEFAULT_INDEX to a mirror replaces the private index that a file says to use.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
cat > make.py <<'PY'
import zipfile
from pathlib import Path

for place, version in (("file", "1.0"), ("user", "2.0")):
    folder = Path(place, "thing")
    folder.mkdir(parents=True)
    name, info = f"thing-{version}-py3-none-any.whl", f"thing-{version}.dist-info"
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: thing\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    (folder / "index.html").write_text(f'<!DOCTYPE html><a href="{name}">{name}</a>')
PY
v/bin/python make.py
file=file://$work/file user=file://$work/user
printf '%s\n' "--index-url $file" thing > requirements.txt
alone() { # alone COMMAND: with no index and no configuration but what is given here
  env -u UV_INDEX -u UV_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS -u PIP_NO_INDEX \
    -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u PIP_INDEX_URL \
    PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1 "$@" 2>&1
}
by_pip() { # by_pip VARIABLES -- OPTIONS: the version that pip would install
  local variables=()
  while [ "$1" != -- ]; do variables+=("$1"); shift; done; shift
  alone "${variables[@]}" v/bin/python -m pip install --disable-pip-version-check --no-cache-dir \
    --dry-run -r requirements.txt "$@" | sed -n 's/^Would install thing-//p'
}
by_uv() { # the same of uv
  local variables=()
  while [ "$1" != -- ]; do variables+=("$1"); shift; done; shift
  alone "${variables[@]}" v/bin/uv pip install --no-cache --python v/bin/python --dry-run \
    -r requirements.txt "$@" | sed -n 's/^ + thing==//p'
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}

expect "pip takes the file's index where it is the only one" 1.0 "$(by_pip --)"
expect "uv does so too" 1.0 "$(by_uv --)"
expect "pip takes the file's over PIP_INDEX_URL" 1.0 "$(by_pip PIP_INDEX_URL="$user" --)"
expect "pip takes the file's over --index-url" 1.0 "$(by_pip -- --index-url "$user")"
expect "uv takes UV_DEFAULT_INDEX over the file's" 2.0 "$(by_uv UV_DEFAULT_INDEX="$user" --)"
expect "uv takes UV_INDEX_URL over the file's" 2.0 "$(by_uv UV_INDEX_URL="$user" --)"
expect "uv takes --default-index over the file's" 2.0 "$(by_uv -- --default-index "$user")"
mv user/thing user/other
expect "uv never asks the file's" "" "$(by_uv UV_DEFAULT_INDEX="$user" -- || true)"
