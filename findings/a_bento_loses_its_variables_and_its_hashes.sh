#!/usr/bin/env bash
# bentoml 1.4.40: what a bentofile says of variables and of hashes, and what the bento has of it.
#
# `docker: env:` is a key of the bentofile, and one would guess that the image has these variables. For a
# service it is read without a word and dropped: the Dockerfile has none of them. Those of `envs:` are in
# the Dockerfile, and `bentoml serve` sets neither. A requirements file with a hash on every line is kept
# with `lock_packages: false`, but bentoml adds itself below without one: pip then refuses the whole file,
# uv, which the Dockerfile runs, takes it and does not check bentoml. With `lock_packages: true`, the
# default, every hash is gone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3}
"$python" -m venv tools
tools/bin/python -m pip install --quiet --disable-pip-version-check bentoml==1.4.40 uv==0.13.9 pip==26.3
export BENTOML_HOME=$work/home BENTOML_DO_NOT_TRACK=1 PATH=$work/tools/bin:$PATH
mkdir project
cat > project/service.py <<'PY'
import bentoml


@bentoml.service
class Service:
    @bentoml.api
    def predict(self) -> str:
        return ""
PY
cat > project/pins.txt <<'TXT'
idna==3.11 --hash=sha256:771a87f49d9defaf64091e6e6fe9c18d4833f140bd19464795bc32d966ca37ea
TXT
build() { # build LOCK_PACKAGES: print the folder of the bento
  cat > project/bentofile.yaml <<YAML
service: "service:Service"
include: [service.py]
envs: [{name: SAID_BY_ENVS, value: "1"}]
docker: {env: {SAID_BY_DOCKER: "1"}}
python: {requirements_txt: ./pins.txt, lock_packages: $1}
YAML
  rm -rf home/bentos
  (cd project && bentoml build -o tag >log.txt 2>&1) || { cat project/log.txt >&2; exit 1; }
  dirname home/bentos/service/*/bento.yaml
}
expect() { # expect WHAT WANTED SEEN
  [ "$2" = "$3" ] || { echo "changed: $1: $3"; exit 1; }
  echo "as seen: $1"
}
bento=$(build false)
file=$bento/env/docker/Dockerfile
listed=$bento/env/python/requirements.txt
expect "envs: is in the Dockerfile" yes "$(grep -q 'ENV SAID_BY_ENVS' "$file" && echo yes || echo no)"
expect "docker: env: is not" no "$(grep -q SAID_BY_DOCKER "$file" && echo yes || echo no)"
expect "the hash is kept" 1 "$(grep -c -- --hash "$listed")"
expect "bentoml has none" "bentoml==1.4.40" "$(grep '^bentoml' "$listed")"
tried=$(python -m pip --isolated install --quiet --dry-run --ignore-installed -r "$listed" 2>&1 || true)
expect "pip refuses the file" yes "$(grep -q 'Hashes are required' <<<"$tried" && echo yes || echo "no: $tried")"
uv venv --quiet other
expect "uv takes it" yes \
  "$(uv pip install --quiet --dry-run --python other -r "$listed" >/dev/null 2>&1 && echo yes || echo no)"
listed=$(build true)/env/python/requirements.txt
expect "with the default no hash is left" 0 "$(grep -c -- --hash "$listed" || true)"
