#!/usr/bin/env bash
# pip 26.3: what stands after a requirement, or after a first -r, on the same line of a file.
#
# One would guess that an option in the wrong place is an error, as uv 0.13.9 says, or counts as if
# it had a line of its own. pip says nothing and does three different things:
#   - `NAME --pre`, `--require-hashes`, `--extra-index-url URL`: read, and without effect;
#   - `NAME --no-binary NAMES`: counts for the whole installation, lines before it included;
#   - `-r one.txt -r two.txt`: the first file is read, the second is not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
dry() { # dry FILE: what pip would install from it, and whether it took source distributions
  v/bin/python -m pip install --disable-pip-version-check --dry-run --no-deps --no-cache-dir -r "$1" 2>&1
}
expect() { # expect WHAT PATTERN TEXT
  grep -qE "$2" <<<"$3" || { echo "changed: $1"; echo "$3"; exit 1; }
  echo "as seen: $1"
}
refuse() { # refuse WHAT PATTERN TEXT
  ! grep -qE "$2" <<<"$3" || { echo "changed: $1"; echo "$3"; exit 1; }
  echo "as seen: $1"
}

echo 'idna==3.10 --require-hashes' > hashes.txt
expect "--require-hashes after a requirement asks for no hash" 'Would install idna-3.10' "$(dry hashes.txt)"

printf 'idna==3.10\nsix==1.17.0 --no-binary idna\n' > binary.txt
expect "--no-binary counts for the line before it" 'idna-3\.10\.tar\.gz' "$(dry binary.txt)"

echo 'idna==3.10' > one.txt
echo 'six==1.17.0' > two.txt
echo '-r one.txt -r two.txt' > both.txt
seen=$(dry both.txt)
expect "the first -r of a line is read" 'Would install idna-3.10' "$seen"
refuse "the second -r of a line is not" 'six' "$seen"

for file in hashes.txt binary.txt both.txt; do
  if v/bin/uv pip compile --quiet --no-deps "$file" >/dev/null 2>&1; then
    echo "changed: uv takes $file"; exit 1
  fi
done
echo "as seen: uv refuses all three"
