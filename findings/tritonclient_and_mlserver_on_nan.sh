#!/usr/bin/env bash
# tritonclient 2.73.0 with MLServer 1.7.1: a missing number (NaN) from one to the other.
#
# Both speak version 2 of the inference protocol, and one would guess that a tensor with a NaN goes
# from the client to the server in one of the two forms that the client has, and as null, by hand.
#   - As JSON the client writes the bare word NaN, which is no JSON: MLServer answers 422;
#   - as binary data, which the client chooses by default, MLServer answers 422 to any numbers;
#   - null in a body of one's own arrives as NaN, and comes back as null.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill -KILL "$server"; wait "$server" 2>/dev/null; }; rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv v
v/bin/python -m pip install --quiet --disable-pip-version-check mlserver==1.7.1 "tritonclient[http]==2.73.0"
cat > echo_model.py <<'PY'
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Echo(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        array = NumpyCodec.decode_input(payload.inputs[0])
        output = NumpyCodec.encode_output("y", array)
        return InferenceResponse(model_name=self.name, outputs=[output])
PY
echo '{"name": "echo", "implementation": "echo_model.Echo"}' > model-settings.json
free() { v/bin/python -c "import socket as s; f = s.create_server(('127.0.0.1', 0)); print(f.getsockname()[1])"; }
port=$(free)
echo "{\"host\": \"127.0.0.1\", \"http_port\": $port, \"grpc_port\": $(free), \"metrics_port\": $(free)," \
  "\"parallel_workers\": 0}" > settings.json
v/bin/mlserver start . > log 2>&1 &
server=$!
for _ in $(seq 300); do
  grep -q "Loaded model 'echo'" log && break
  sleep 0.2
done
v/bin/python - "$port" <<'PY'
import json
import sys
from urllib.request import Request, urlopen

import numpy as np
from tritonclient import http
from tritonclient.utils import InferenceServerException

HOST = f"127.0.0.1:{sys.argv[1]}"
client = http.InferenceServerClient(HOST)


def by_client(numbers, binary):
    tensor = http.InferInput("x", [len(numbers)], "FP64")
    tensor.set_data_from_numpy(np.array(numbers), binary_data=binary)
    try:
        wanted = [http.InferRequestedOutput("y", binary_data=False)]
        return client.infer("echo", [tensor], outputs=wanted).as_numpy("y").tolist()
    except InferenceServerException as error:
        return error.status()


def by_hand(numbers):
    tensor = {"name": "x", "shape": [len(numbers)], "datatype": "FP64", "data": numbers}
    headers = {"Content-Type": "application/json"}
    body = json.dumps({"inputs": [tensor]}).encode()
    with urlopen(Request(f"http://{HOST}/v2/models/echo/infer", body, headers)) as answer:
        return json.load(answer)["outputs"][0]["data"]


def expect(what, wanted, seen):
    if seen != wanted:
        raise SystemExit(f"changed: {what}: {seen}")
    print(f"as seen: {what}: {seen}")


expect("numbers as JSON", [[1.0], [2.0]], by_client([1.0, 2.0], binary=False))
expect("a NaN as JSON", "422", by_client([1.0, np.nan], binary=False))
expect("numbers as binary data", "422", by_client([1.0, 2.0], binary=True))
expect("null by hand", [1.0, None], by_hand([1.0, None]))
PY
