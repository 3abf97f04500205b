#!/usr/bin/env bash
# pip-audit 2.10.1: pins that its service does not know, as those of a private index.
#
# One would guess that a program which exits with 1 for a known vulnerability does not exit with 0
# where it could look nothing up. It does, and says "No known vulnerabilities found"; that the pins
# were skipped stands in a table on another stream, or as `skip_reason` in its JSON, where an entry
# then has neither a version nor `vulns`. With --strict it exits with 1, and writes no JSON at all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
echo 'modelenv-nobody-has-this-7f3a==1.0' > requirements.txt
audit() { # audit OPTIONS: print the exit code
  local code=0
  v/bin/pip-audit -r requirements.txt --no-deps --disable-pip --progress-spinner off \
    --cache-dir "$work/cache" "$@" > out 2> err || code=$?
  echo $code
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; cat out err; exit 1; }
  echo "as seen: $1"
}

expect "it exits with 0" 0 "$(audit)"
expect "it says that nothing is known" "No known vulnerabilities found" "$(tail -n 1 err)"
expect "what it skipped stands elsewhere" 1 "$(grep -c 'could not be audited' out)"
expect "it exits with 0 for JSON too" 0 "$(audit --format json --output answer.json)"
expect "an entry has a reason alone" "name, skip_reason" "$(v/bin/python -c '
import json
print(*json.load(open("answer.json"))["dependencies"][0], sep=", ")')"
rm answer.json
expect "--strict exits with 1" 1 "$(audit --strict --format json --output answer.json)"
expect "and writes no answer" no "$([ -e answer.json ] && echo yes || echo no)"
