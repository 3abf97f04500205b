#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9: what `blake2b` in the hashes of a pylock.toml is the hash of.
#
# PEP 751 names the algorithms as hashlib does, where blake2b is 512 bits long; indexes have shown the
# one of 256 bits beside sha256 for years. One would guess that both installers take the first, or both.
# pip checks that of 512 bits, and uv cannot read a lock in which it stands, beside a right sha256 too.
# uv checks that of 256 bits, and pip finds the file changed where it stands alone. The one spelling
# that both install from is that of 256 bits with sha256 beside it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
tools/bin/python -m pip download --quiet --no-deps --only-binary :all: --dest . idna==3.11
lock() { # lock FOLDER HASHES: write a lock of the wheel with hashes as Python has them
  mkdir "$1"
  tools/bin/python - "$2" > "$1/pylock.toml" <<'PY'
import hashlib, sys

file = "idna-3.11-py3-none-any.whl"
content = open(file, "rb").read()
known = {
    "sha256": f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
    "long": f'blake2b = "{hashlib.blake2b(content).hexdigest()}"',
    "short": f'blake2b = "{hashlib.blake2b(content, digest_size=32).hexdigest()}"',
}
hashes = ", ".join(known[each] for each in sys.argv[1].split())
print(f'''lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "idna"
version = "3.11"
wheels = [{{ name = "{file}", path = "../{file}", hashes = {{ {hashes} }} }}]''')
PY
}
taken() { # taken FOLDER HASHES: say whether pip and uv install it
  lock "$1" "$2"
  python3=$work/tools/bin/python
  said=
  "$python3" -m pip --isolated install -q --no-cache-dir --target "$1/pip" -r "$1/pylock.toml" >/dev/null 2>"$1/pip.txt" &&
    said="pip " || said="- "
  tools/bin/uv pip install -q --no-cache --no-config --python "$python3" --target "$1/uv" \
    -r "$1/pylock.toml" >/dev/null 2>"$1/uv.txt" && said+=uv || said+=-
  echo "$said"
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1: ${2//-/(not)}"
}
expect "sha256" "pip uv" "$(taken one sha256)"
expect "blake2b of 512 bits" "pip -" "$(taken two long)"
expect "blake2b of 512 bits and sha256" "pip -" "$(taken three 'long sha256')"
expect "blake2b of 256 bits" "- uv" "$(taken four short)"
expect "blake2b of 256 bits and sha256" "pip uv" "$(taken five 'short sha256')"
expect "uv wants 64 digits" "Invalid hash digest length (expected 64 hexadecimal characters, found 128)" \
  "$(grep -o 'Invalid hash digest length.*)' two/uv.txt)"
