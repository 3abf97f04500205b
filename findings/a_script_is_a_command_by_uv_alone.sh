#!/usr/bin/env bash
# pip 26.3, installer 1.1.0 and uv 0.13.9: a script in a wheel that was made where files have no modes.
#
# A wheel that was zipped on Windows, or by zipfile.writestr, has no executable bits. One would guess
# that a file of its .data/scripts is a command wherever it is installed, since all three rewrite its
# first line for the environment. uv makes it one. pip and PyPA's installer take the bits of the
# archive: the file stands in bin/, with the right first line, and cannot be started. So an environment
# that was tried with uv and is then built by pip from the same hashed wheel lacks a program.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check installer==1.1.0 uv==0.13.9 pip==26.3
cat > make.py <<'PY'
import zipfile

info = "greet-1.0.dist-info"
with zipfile.ZipFile("greet-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("greet.py", "")
    wheel.writestr("greet-1.0.data/scripts/greet", "#!python\nprint('hello')\n")
    wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    names = ["greet.py", "greet-1.0.data/scripts/greet", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD"]
    wheel.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in names))
PY
"$python" make.py
for name in pip uv installer; do "$python" -m venv --without-pip $name; done
wheel=greet-1.0-py3-none-any.whl
tools/bin/python -m pip --isolated --python pip/bin/python install --quiet --no-index \
  --disable-pip-version-check $wheel
tools/bin/uv --no-config pip install --quiet --python uv/bin/python --no-index --cache-dir cache $wheel
cat > lay.py <<'PY'
import subprocess, sys, json
from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile

python = sys.argv[2]
paths = json.loads(subprocess.check_output([python, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_paths()))"]))
with WheelFile.open(sys.argv[1]) as source:
    install(source, SchemeDictionaryDestination(paths, interpreter=python, script_kind="posix"), {})
PY
tools/bin/python lay.py $wheel "$work/installer/bin/python"
state() { # state ENVIRONMENT
  file=$1/bin/greet
  [ -e "$file" ] || { echo absent; return; }
  head -1 "$file" | grep -q "$work/$1/bin/python" || { echo "its first line is another"; return; }
  if [ -x "$file" ]; then "$file"; else echo "no command"; fi
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
expect "uv makes it a command" hello "$(state uv)"
for name in pip installer; do
  expect "$name writes its first line, and leaves it without the right to be started" "no command" \
    "$(state $name)"
done
