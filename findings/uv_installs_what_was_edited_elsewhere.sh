#!/usr/bin/env bash
# uv 0.13.9: whether `--require-hashes` holds for what stands in an environment afterwards.
#
# One would guess that an environment made with a hash for every file has the files of that wheel.
# On Linux uv links what it installs to its cache, so whoever edits an installed file in place, in
# any environment, to print a value say, edits the cache: every environment made from then on has
# the edit, with the hash required. The hash is of the wheel that was downloaded once; RECORD, which
# has one of each file, is not read. `--link-mode copy` keeps edits out of the cache, and copies those
# that are in it. `--reinstall` downloads anew, and brings the true file back.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
tools/bin/python -m pip download --quiet --disable-pip-version-check --no-deps -d wheels idna==3.10
echo "idna==3.10 --hash=sha256:$(sha256sum wheels/idna-3.10-py3-none-any.whl | cut -d' ' -f1)" > lock.txt

install() { # install ENVIRONMENT OPTION...
  [ -d "$1" ] || "$python" -m venv --without-pip "$1"
  tools/bin/uv --no-config pip install --quiet --python "$1/bin/python" --no-deps --require-hashes \
    --cache-dir cache -r lock.txt "${@:2}"
}
file() { echo "$1"/lib/python3.*/site-packages/idna/package_data.py; }
edited() { grep -c "edited" "$(file "$1")" || true; }
digest() { # of a file, as RECORD writes it
  "$python" -c 'import base64, hashlib, sys
print(base64.urlsafe_b64encode(hashlib.sha256(open(sys.argv[1], "rb").read()).digest()).decode().rstrip("="))' "$1"
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}

install first
expect "no file was edited yet" 0 "$(edited first)"
echo "# edited" >> "$(file first)"
install second
expect "another environment has the edit" 1 "$(edited second)"
expect "RECORD there says another hash of that file" 0 \
  "$(grep -c "$(digest "$(file second)")" second/lib/python3.*/site-packages/idna-3.10.dist-info/RECORD || true)"
install third --link-mode copy
expect "a copy is of the edited file too" 1 "$(edited third)"
install second --reinstall
expect "what is installed again is as it was" 0 "$(edited second)"
install fourth
expect "so is what is installed from then on" 0 "$(edited fourth)"
