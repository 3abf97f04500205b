#!/usr/bin/env bash
# pip 26.3: `pip lock` of a project in a folder or a repository, and `pip install -r pylock.toml`.
#
# One would guess that pip installs what it locked. Folders and repositories have no hashes in a lock
# (PEP 751), the files beside them have: and where a hash is, pip wants one of everything. It refuses its
# own lock; uv installs it. Nor does pip choose of a lock for another platform.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
pip="tools/bin/python -m pip"
mkdir own
cat > own/pyproject.toml <<'TOML'
[build-system]
requires = ["flit_core==4.2.0"]
build-backend = "flit_core.buildapi"
[project]
name = "own"
version = "1"
description = "Own code"
dependencies = ["six"]
TOML
echo > own/own.py
git -C own init --quiet
git -C own add .
git -C own -c user.name=me -c user.email=me@example.org commit --quiet -m own
installed() { # installed LOCK [OPTION ...]: what pip says of installing it
  $pip install --quiet --dry-run --ignore-installed "${@:2}" -r "$1" 2>log.txt && echo installed ||
    grep -o -e "Can't verify hashes" -e "hash version control" -e "not supported when selecting" log.txt | head -1
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
$pip lock --quiet -o pylock.folder.toml ./own 2>log.txt
expect "pip refuses its lock of a folder" "Can't verify hashes" "$(installed pylock.folder.toml)"
$pip lock --quiet -o pylock.git.toml "git+file://$work/own" 2>log.txt
expect "and of a repository" "Can't verify hashes" "$(installed pylock.git.toml)"
for name in folder git; do
  tools/bin/uv venv --quiet "env-$name"
  tools/bin/uv pip install --quiet --python "env-$name" -r "pylock.$name.toml" 2>log.txt && seen=installed || seen=$(cat log.txt)
  expect "uv installs that of a $name" installed "$seen"
done
$pip lock --quiet -o pylock.six.toml six 2>log.txt
expect "pip installs a lock of wheels" installed "$(installed pylock.six.toml)"
there="--only-binary :all: --platform win_amd64 --python-version 3.12 --target there"
expect "but none for another platform" "not supported when selecting" "$(installed pylock.six.toml $there)"
