#!/usr/bin/env bash
# uv 0.13.9: a pylock.toml that is tried for another Python, by --python-version.
#
# One would guess that `uv pip install --dry-run --python-version V -r pylock.toml` says what V installs.
# The markers and the `environments` of the lock are held to V, and its `requires-python` to the
# interpreter that uv runs beside. So a lock for newer Pythons alone is refused for one that it is for,
# and one for older Pythons alone is installed for one that it is not for. Both by one interpreter.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
here=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
newer=$("$python" -c 'import sys; print("3.%d" % (sys.version_info[1] + 1))')
cat > make.py <<'PY'
import hashlib, sys, zipfile

name, requires, newer = sys.argv[1:]
file = "plain-1.0-py3-none-any.whl"
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr("plain.py", "")
    wheel.writestr("plain-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: plain\nVersion: 1.0\n")
    wheel.writestr("plain-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("plain-1.0.dist-info/RECORD", "")
digest = hashlib.sha256(open(file, "rb").read()).hexdigest()
print(f"""lock-version = "1.0"
created-by = "hand"
requires-python = "{requires}"
environments = ["python_version == '{newer}'"]
[[packages]]
name = "plain"
version = "1.0"
marker = "python_version == '{newer}'"
[[packages.wheels]]
name = "{file}"
path = "{file}"
hashes = {{sha256 = "{digest}"}}""", file=open(f"pylock.{name}.toml", "w"))
PY
"$python" make.py newer ">=$newer" "$newer"
"$python" make.py older "==$here.*" "$newer"
tried() { # tried LOCK
  tools/bin/uv --no-config pip install --dry-run --no-index --python "$python" --target nothing \
    --python-version "$newer" --cache-dir cache -r "pylock.$1.toml" 2>&1 |
    grep -oE '^ \+ plain==1.0|incompatible with the .* Python requirement' || echo neither
}
expect() { # expect WHAT WANTED SEEN
  case $3 in "$2"*) echo "as seen: $1" ;; *) echo "changed: $1: $3"; exit 1 ;; esac
}
expect "a lock for Python $newer and newer is refused for Python $newer" incompatible "$(tried newer)"
expect "a lock for Python $here alone is installed for Python $newer" " + plain" "$(tried older)"
