#!/usr/bin/env bash
# pip 26.3: `install --target FOLDER` of a wheel whose data files are in lib/ (tcmlib 1.6.0, x86-64 Linux).
#
# One would guess that --target puts all of a wheel into the folder, or says what it left out. The
# wheels of tcmlib, tbb and mpich keep libraries in `NAME.data/data/lib/`. Given tcmlib's, pip says that
# it installed it, names no file that is missing, and
#   - none of the nine libraries is in the folder or beside it, though data files in share/ are;
#   - RECORD lists all nine with their hashes, as `../libtcm.so.1`: a path out of the folder.
# `pip install --prefix` and uv 0.13.9's `--target` put all nine into lib/, and uv's RECORD says so.
# pip's tracker has the missing files as its issue 10399, open since 2021.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export UV_CACHE_DIR=$work/cache
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9
v/bin/python -m pip download --quiet --no-deps --only-binary :all: --dest . tcmlib==1.6.0
by_pip() { v/bin/python -m pip install --disable-pip-version-check --no-deps "$@" ./tcmlib-*.whl 2>&1; }
libraries() { find "$1" -name 'lib*.so*' -printf '%P\n' | sort; } # libraries FOLDER: those in it
listed() { grep -ohE '^[^,]*\.so[^,]*' "$1"/tcmlib-*.dist-info/RECORD | sort; } # listed FOLDER: in RECORD
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1:"; echo "$3"; exit 1; }
  echo "as seen: $1"
}

names=$(printf '%s\n' libhwloc.so{,.15,.15.10.2} libtcm.so{,.1,.1.6.0} libtcm_debug.so{,.1,.1.6.0} | sort)
in_lib=$(sed 's,^,lib/,' <<<"$names" | sort)

said=$(by_pip --target outer/by_pip) || { echo "changed: pip fails: $said"; exit 1; }
expect "pip says that it installed the wheel" "Successfully installed tcmlib-1.6.0" "$(tail -1 <<<"$said")"
expect "pip names no library" "" "$(grep -E '\.so' <<<"$said" || true)"
expect "no library is in the folder or beside it" "" "$(libraries outer)"
expect "a file in share/ is" here "$(test -s outer/by_pip/share/doc/tcm/licensing/license.txt && echo here)"
expect "pip's RECORD lists them all" "$(sed 's,^,../,' <<<"$names" | sort)" "$(listed outer/by_pip)"

by_pip --prefix by_prefix >/dev/null
expect "with --prefix pip puts them all into lib/" "$in_lib" "$(libraries by_prefix)"

v/bin/uv pip install --quiet --no-deps --python v/bin/python --target by_uv ./tcmlib-*.whl
expect "uv puts them all into lib/" "$in_lib" "$(libraries by_uv)"
expect "uv's RECORD lists them there" "$in_lib" "$(listed by_uv)"
