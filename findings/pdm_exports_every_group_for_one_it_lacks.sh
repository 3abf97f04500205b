#!/usr/bin/env bash
# pdm 2.29.4: `pdm export` of a group that the lock does not have, and what it leaves behind.
#
# One would guess an error, as poetry's, or nothing but the default dependencies. A name that is mistyped
# is passed over with a line on standard error, the exit code is 0, and then, since no group is chosen, all
# development groups are exported: more than was asked for, and more than for a name that is right. Reading
# is not all that it does either: it makes a virtual environment and a file .pdm-python in the project.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check pdm==2.29.4 hishel==1.4.0
export PATH=$work/tools/bin:$PATH PDM_CHECK_UPDATE=0
mkdir project && cd project
cat > pyproject.toml <<'TOML'
[project]
name = "p"
version = "0"
requires-python = ">=3.10"
dependencies = ["six==1.17.0"]

[dependency-groups]
test = ["iniconfig==2.1.0"]
docs = ["toolz==1.0.0"]
TOML
PDM_USE_VENV=0 pdm lock --quiet --group :all
rm -rf .venv .pdm-python
export_of() { pdm export --quiet --no-hashes --format requirements "$@" 2> said | grep -v '^#' | xargs; }
check() { # check WHAT FOUND EXPECTED
  echo "$1: $2"
  [ "$2" = "$3" ] || { echo "expected: $3"; exit 1; }
}
check "--group test" "$(export_of --group test)" "iniconfig==2.1.0 six==1.17.0"
check "--group tets" "$(export_of --group tets)" "iniconfig==2.1.0 six==1.17.0 toolz==1.0.0"
cat said
check "left in the project" "$(ls -A | grep -v -e pyproject -e lock -e said | sort | xargs)" ".pdm-python .venv"
