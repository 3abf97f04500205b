#!/usr/bin/env bash
# MLServer 1.7.1 with uvloop 0.23.0, as a plain installation of today has them, on Python 3.12.
#
# One would guess that what installs without a conflict serves a model. By default MLServer loads
# models in a process of its own, which asks for the current event loop before there is one; uvloop
# made one there until 0.21, and raises RuntimeError since. So
#   - the process ends, is started anew and ends again: the model is never ready, the server stays
#     alive and says 200 at /v2/health/live;
#   - with "parallel_workers": 0 there is no such process and the model is ready;
#   - with uvloop 0.21.0 it is ready, too.
set -euo pipefail
work=$(mktemp -d)
server=
set -m # a group of processes for each server: its workers go with it
stop() { [ -z "$server" ] || { kill -KILL -- "-$server"; wait "$server"; } 2>/dev/null || true; server=; }
trap 'stop; rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
install() { v/bin/python -m pip install --quiet --disable-pip-version-check "$@"; }
install mlserver==1.7.1 uvloop==0.23.0
cat > echo_model.py <<'PY'
from mlserver import MLModel
from mlserver.types import InferenceResponse


class Echo(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        return InferenceResponse(model_name=self.name, outputs=[])
PY
echo '{"name": "echo", "implementation": "echo_model.Echo"}' > model-settings.json
free() { v/bin/python -c "import socket as s; f = s.create_server(('127.0.0.1', 0)); print(f.getsockname()[1])"; }
look() { # look WORKERS: write what the server says once its model is loaded, or its worker gone
  port=$(free)
  echo "{\"host\": \"127.0.0.1\", \"http_port\": $port, \"grpc_port\": $(free), \"metrics_port\": $(free)," \
    "\"parallel_workers\": $1}" > settings.json
  v/bin/mlserver start . > log 2>&1 &
  server=$!
  for _ in $(seq 300); do
    grep -q "Loaded model 'echo'\|stopped unexpectedly" log && break
    sleep 0.2
  done
  v/bin/python - "$port" > seen <<'PY'
import sys
import time
from urllib.error import HTTPError
from urllib.request import urlopen


def status(path):
    try:
        return urlopen(f"http://127.0.0.1:{sys.argv[1]}{path}").status
    except HTTPError as error:
        return error.code


time.sleep(1)
ready = status("/v2/models/echo/ready") == 200
print(f"live {status('/v2/health/live')}, model {'ready' if ready else 'not ready'}")
PY
  stop
}
expect() { # expect WHAT WORKERS WANTED
  look "$2"
  [ "$3" = "$(cat seen)" ] || { echo "changed: $1: $(cat seen)"; tail -20 log; exit 1; }
  echo "as seen: $1: $3"
}
expect "one process for models" 1 "live 200, model not ready"
grep -q "RuntimeError: There is no current event loop" log || { echo "changed: the reason"; exit 1; }
expect "no process for models" 0 "live 200, model ready"
install uvloop==0.21.0
expect "one process, uvloop 0.21.0" 1 "live 200, model ready"
