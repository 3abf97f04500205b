"""Real clients of the inference protocol ask our server. Slow: it installs them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .real_servers import Server, environment, running, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="workers are reached by Unix sockets"),
]

TRITON = """
import itertools, json, sys
import numpy
import tritonclient.http as triton

client = triton.InferenceServerClient(f"127.0.0.1:{sys.argv[1]}")
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("m")
assert client.is_model_ready("m", client.get_model_repository_index()[0]["version"])
assert client.get_server_metadata()["name"] == "modelenv"
told = client.get_model_metadata("m")
assert [each["datatype"] for each in told["inputs"]] == ["FP64", "INT64", "BYTES"], told
assert [each["name"] for each in told["outputs"]] == ["sum", "text"], told

def column(name, datatype, cells, binary):
    tensor = triton.InferInput(name, list(cells.shape), datatype)
    tensor.set_data_from_numpy(cells, binary_data=binary)
    return tensor

def inputs(binary):
    return [
        column("a", "FP64", numpy.array([1.0, 3.0]), binary),
        column("b", "INT64", numpy.array([[2], [4]]), binary),
        column("t", "BYTES", numpy.array(["größe".encode(), b""], dtype=object), binary),
    ]

codings = (None, "gzip", "deflate")
count = 0
for sent, wanted, coding in itertools.product((True, False), (None, True, False), codings):
    outputs = None if wanted is None else [
        triton.InferRequestedOutput(name, binary_data=wanted) for name in ("sum", "text")
    ]
    answer = client.infer(
        "m", inputs(sent), request_id="id-7", outputs=outputs, parameters={"k": 5},
        request_compression_algorithm=coding, response_compression_algorithm=coding,
    )
    assert answer.get_response()["id"] == "id-7"
    assert answer.as_numpy("sum").tolist() == [8.0, 12.0], answer.as_numpy("sum")
    texts = answer.as_numpy("text").tolist()
    texts = [each.decode() if isinstance(each, bytes) else each for each in texts]
    assert texts == ["größe", ""], texts
    count += 1
refused = []
for name, some in (("nobody", inputs(True)), ("m", inputs(True)[:1])):
    try:
        client.infer(name, some)
    except triton.InferenceServerException as error:
        refused.append([str(error.status()), error.message()])
print(json.dumps([count, refused]))
"""

KSERVE = """
import asyncio, json, sys
import numpy
from kserve import InferInput, InferRequest, InferenceRESTClient, RESTConfig

def request(binary):
    told = (("a", [2], "FP64"), ("b", [2, 1], "INT64"), ("t", [2], "BYTES"))
    inputs = [InferInput(*each) for each in told]
    cells = [[1.0, 3.0], [[2], [4]], [b"x", b"y"]]
    for tensor, each in zip(inputs, cells):
        array = numpy.array(each, dtype=object) if tensor.datatype == "BYTES" else numpy.array(each)
        tensor.set_data_from_numpy(array, binary_data=binary)
    return InferRequest("m", inputs, request_id="id-7")

async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    base = f"http://127.0.0.1:{sys.argv[1]}"
    assert await client.is_server_live(base)
    assert await client.is_server_ready(base)
    assert await client.is_model_ready(base, "m")
    found = []
    for binary in (True, False):
        answer = await client.infer(base, request(binary), model_name="m")
        outputs = {each.name: each for each in answer.outputs}
        found.append([answer.id, numpy.asarray(outputs["sum"].as_numpy()).tolist()])
    await client.close()
    print(json.dumps(found))

asyncio.run(main())
"""

MODEL = """
import pandas
import modelenv

class Model:
    def predict(self, frame, params=None):
        k = (params or {}).get("k", 0)
        return pandas.DataFrame({"sum": frame["a"] + frame["b"] + k, "text": frame["t"]})

example = pandas.DataFrame({"a": [1.0], "b": [2], "t": ["x"]})
signature = {
    "inputs": [
        {"type": "double", "name": "a"},
        {"type": "long", "name": "b"},
        {"type": "string", "name": "t"},
    ],
    "outputs": [{"type": "double", "name": "sum"}, {"type": "string", "name": "text"}],
    "params": [{"name": "k", "type": "long", "default": 0, "shape": None}],
}
modelenv.save_model(Model(), "model", input_example=example, signature=signature)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("clients")
    model = save(sys.executable, folder, MODEL)
    command = (sys.executable, "-m", "modelenv", "serve", "-m", f"m={model}", "--port")
    with running(command, folder / "server.log") as started:
        yield started


def ask(python: Path, program: str, server: Server) -> Any:
    told = subprocess.run(
        [python, "-c", program, str(server.port)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout.splitlines()[-1])


def test_triton_asks_in_all_its_ways(server: Server, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", "tritonclient[http]==2.73.0")
    count, refused = ask(python, TRITON, server)
    assert count == 18
    assert [status for status, _ in refused] in (["404", "400"], ["[404]", "400"], ["None", "400"])
    assert "nobody" in refused[0][1]
    assert "'b'" in refused[1][1]


def test_the_client_of_kserve_asks_too(server: Server, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", "kserve==0.21.0")
    assert ask(python, KSERVE, server) == [["id-7", [3.0, 7.0]]] * 2


def test_what_is_made_of_the_openapi_page_gets_no_500(server: Server, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", "schemathesis==4.32.5")
    url = f"http://127.0.0.1:{server.port}/openapi.json"
    checks = ("not_a_server_error", "content_type_conformance", "response_schema_conformance")
    options = ("--checks", ",".join(checks), "--max-examples", "100", "--no-color")
    told = subprocess.run(
        [python.with_name("schemathesis"), "run", url, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert told.returncode == 0, told.stdout[-4000:]
    assert "No issues found" in told.stdout


def test_the_openapi_page_is_valid(server: Server, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", "openapi-spec-validator>=0.7")
    program = """
import json, sys, urllib.request
from openapi_spec_validator import OpenAPIV31SpecValidator
with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/openapi.json") as answer:
    told = json.load(answer)
print(json.dumps([str(error) for error in OpenAPIV31SpecValidator(told).iter_errors()]))
"""
    assert ask(python, program, server) == []
