#!/usr/bin/env bash
# uv 0.13.9: whether two environments made of the same hashed wheels hold the same bytes.
#
# One would guess that an install which is offline, from a folder of wheels, with every file's hash
# required and nothing compiled, gives the same files each time: what is installed is fixed by the
# hashes. With pip it does. uv adds uv_cache.json to the .dist-info of each distribution whose wheel
# lies in a `--find-links` folder, and in it stands when that wheel's file was last written, to the
# nanosecond; RECORD lists it. So the same wheels, copied or checked out once more, make another
# environment, and another layer of an image. What uv takes from an index has no such file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
tools/bin/python -m pip download --quiet --disable-pip-version-check --no-deps -d wheels idna==3.10
echo "idna==3.10 --hash=sha256:$(sha256sum wheels/idna-3.10-py3-none-any.whl | cut -d' ' -f1)" > lock.txt

install() { # install WITH ENVIRONMENT: from the wheels, whose file is as new as can be
  touch wheels/*.whl
  case $1 in
    uv) tools/bin/uv --no-config pip install --quiet --python "$2/bin/python" --no-deps \
      --require-hashes --no-index --find-links wheels --cache-dir "$2.cache" -r lock.txt ;;
    pip) tools/bin/python -m pip --isolated --python "$2/bin/python" install --quiet --no-deps \
      --disable-pip-version-check --require-hashes --no-index --find-links wheels --no-compile \
      -r lock.txt ;;
  esac
}
site() { echo "$1"/lib/python3.*/site-packages; }
digest() { (cd "$(site "$1")" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum); }
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
same() { [ "$(digest "$1")" = "$(digest "$2")" ] && echo yes || echo no; }

for with in pip uv; do
  for turn in 1 2; do
    "$python" -m venv --without-pip $with$turn
    install $with $with$turn
  done
done
expect "two of pip's are the same" yes "$(same pip1 pip2)"
expect "two of uv's are not" no "$(same uv1 uv2)"
expect "the file that pip does not write" uv_cache.json \
  "$(diff <(ls "$(site pip1)"/idna-3.10.dist-info) <(ls "$(site uv1)"/idna-3.10.dist-info) | sed -n 's/^> //p')"
expect "RECORD lists it" 1 "$(grep -c uv_cache.json "$(site uv1)"/idna-3.10.dist-info/RECORD)"
written=$(stat -c %Y wheels/idna-3.10-py3-none-any.whl)
expect "it holds when the wheel's file was written" 1 \
  "$(grep -c "\"secs_since_epoch\":$written" "$(site uv2)"/idna-3.10.dist-info/uv_cache.json)"
rm "$(site uv1)"/idna-3.10.dist-info/uv_cache.json "$(site uv2)"/idna-3.10.dist-info/uv_cache.json
sed -i /uv_cache.json/d "$(site uv1)"/idna-3.10.dist-info/RECORD "$(site uv2)"/idna-3.10.dist-info/RECORD
expect "without it and its line two of uv's are the same" yes "$(same uv1 uv2)"
