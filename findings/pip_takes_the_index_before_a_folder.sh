#!/usr/bin/env bash
# pip 26.3: two wheels of one version, one on the index and one in a folder of `--find-links`.
#
# What lies in the folder was put there, so one would guess that it is taken. pip takes that of the index,
# and where the line has the hash of the other one it does not look for the file that fits: it fails.
# A build number in the folder's file name (PEP 427) turns it round. uv takes the folder's either way.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
pip="tools/bin/python -m pip"
mkdir fetched unpacked wheels
$pip download --quiet --no-deps --dest fetched six==1.17.0
"$python" - <<'PY'
import zipfile
from pathlib import Path

(source,) = Path("fetched").glob("*.whl")
with zipfile.ZipFile(source) as old, zipfile.ZipFile(f"wheels/{source.name}", "w") as new:
    for name in old.namelist():  # the same files, packed without compression
        new.writestr(name, old.read(name))
PY
wheel=wheels/six-1.17.0-py2.py3-none-any.whl
hash=$("$python" -c "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())" "$wheel")
echo "six==1.17.0 --hash=sha256:$hash" > hashed.txt
echo "six==1.17.0" > bare.txt
taken() { # taken LIST: where pip would take it from
  $pip install --quiet --dry-run --ignore-installed --no-deps --find-links wheels --report r.json -r "$1" 2>log.txt ||
    { grep -q "DO NOT MATCH" log.txt && echo "no hash fits" || cat log.txt; return; }
  "$python" -c "import json; print(json.load(open('r.json'))['install'][0]['download_info']['url'].partition(':')[0])"
}
by_uv() { # by_uv LIST: whether what uv installs is the folder's
  rm -rf env && tools/bin/uv venv --quiet env
  tools/bin/uv pip install --quiet --python env --find-links wheels -r "$1" 2>log.txt && echo installed || cat log.txt
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
expect "pip takes the file of the index" https "$(taken bare.txt)"
expect "and fails where the line has the hash of the folder's" "no hash fits" "$(taken hashed.txt)"
expect "uv installs the folder's" installed "$(by_uv hashed.txt)"
mv "$wheel" wheels/six-1.17.0-1-py2.py3-none-any.whl
expect "with a build number pip takes the folder's" file "$(taken bare.txt)"
expect "and its hash fits" file "$(taken hashed.txt)"
