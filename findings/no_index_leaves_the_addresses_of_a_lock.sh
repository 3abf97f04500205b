#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9: `--no-index` and a `pylock.toml` whose packages have addresses (PEP 751).
#
# One would guess that an installation that may ask no index takes the files of `--find-links`, by the hashes
# of the lock, and fails where these lack one, as it does with a list. Both fetch from the addresses in the lock
# instead, even where the folder has the very file. `uv --offline` asks nobody, and does not look into the
# folder either. For a machine without a network a lock has to say `path` in place of `url`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
pip="tools/bin/python -m pip"
mkdir wheels empty
$pip download --quiet --no-deps --dest wheels six==1.17.0
hash=$("$python" -c "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())" wheels/*.whl)
wheel=$(basename wheels/*.whl)

# The address is that of a server of this script's own, which notes whom it was asked by.
mkdir served && cp "wheels/$wheel" served/
"$python" -u -m http.server --bind 127.0.0.1 --directory served 0 >port.txt 2>asked.txt &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' port.txt)
  [ -z "$port" ] || break
  sleep 0.1
done
lock() { # lock FILE LINE: a lock of six whose wheel is where LINE says
  cat >"$1" <<TOML
lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "six"
version = "1.17.0"
[[packages.wheels]]
name = "$wheel"
$2
hashes = {sha256 = "$hash"}
TOML
}
lock pylock.toml "url = 'http://127.0.0.1:$port/$wheel'"
lock pylock.beside.toml "path = 'wheels/$wheel'"
echo "six==1.17.0 --hash=sha256:$hash" >list.txt

by() { # by TOOL OPTION ...: how it ended, and whether the server was asked
  : >asked.txt
  rm -rf env there && tools/bin/uv venv --quiet env
  case $1 in
    pip) $pip install --quiet --no-cache-dir --target there "${@:2}" >log.txt 2>&1 && seen=installed || seen=failed ;;
    uv) tools/bin/uv pip install --quiet --no-cache --python env "${@:2}" >log.txt 2>&1 && seen=installed || seen=failed ;;
  esac
  grep -q GET asked.txt && echo "$seen, fetched" || echo "$seen, nothing fetched"
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; cat log.txt; exit 1; }
  echo "as seen: $1"
}
for tool in pip uv; do
  expect "$tool fetches nothing for a list" "installed, nothing fetched" "$(by $tool --no-index --find-links wheels -r list.txt)"
  expect "$tool fetches for a lock, with the file at hand" "installed, fetched" "$(by $tool --no-index --find-links wheels -r pylock.toml)"
  expect "$tool fetches for a lock with no place at all" "installed, fetched" "$(by $tool --no-index -r pylock.toml)"
  expect "$tool takes what a lock has beside it" "installed, nothing fetched" "$(by $tool --no-index -r pylock.beside.toml)"
done
expect "uv --offline does not look into the folder" "failed, nothing fetched" "$(by uv --offline --no-index --find-links wheels -r pylock.toml)"
