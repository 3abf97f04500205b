"""A serving worker in other Pythons than ours, the oldest among them."""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uv

import modelenv
from modelenv.folder.model_folder import ModelFolder
from modelenv.serving.workers.process import ProcessLimits, ServingJob, start
from modelenv.worker.process import Interpreter

PYTHONS = sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python"))
USABLE = [
    each for each in PYTHONS if tuple(map(int, each.parent.parent.name.split(".")[:2])) >= (3, 8)
]
PLAIN = """
import sys

def model(data):
    return [{"sum": row["a"] + row["b"], "python": "%d.%d" % sys.version_info[:2]} for row in data]
"""
FRAMES = """
def model(data):
    import pandas
    assert list(map(str, data.dtypes)) == ["float64", "int64", "datetime64[ns]", "category"]
    return pandas.DataFrame({"sum": data["a"] + data["b"], "name": data["d"]})
"""


def save(place: Path, script: str, example: Any) -> Path:
    file = place / "script.py"
    file.write_text(script)
    modelenv.save_model(file, place / "model", input_example=example, prove=False)
    return place / "model"


def answers(folder: Path, python: Path, *questions: tuple[dict[str, Any], bytes]) -> list[Any]:
    """Return what a worker in an interpreter answers."""

    async def ask() -> list[Any]:
        job = ServingJob.of(ModelFolder.open(folder))
        here = Interpreter(executable=python, environment={"PATH": "/usr/bin:/bin"})
        process = await start(job, here, ProcessLimits(start=120))
        try:
            return [await process.channel.ask(head, [body]) for head, body in questions]
        finally:
            await process.end()

    return asyncio.run(ask())


@pytest.mark.parametrize("python", USABLE, ids=lambda each: each.parent.parent.name)
def test_a_model_without_libraries_is_served(python: Path, tmp_path: Path) -> None:
    folder = save(tmp_path, PLAIN, [{"a": 1, "b": 0.5}])
    good = json.dumps({"dataframe_records": [{"a": 1, "b": 2}, {"b": 0.5, "a": 2.0}]}).encode()
    inputs = [
        {"name": "a", "datatype": "INT64", "shape": [1], "parameters": {"binary_data_size": 8}},
        {"name": "b", "datatype": "FP16", "shape": [1], "data": [0.25]},
    ]
    request = json.dumps({"inputs": inputs, "outputs": [{"name": "sum"}]}).encode()
    told = answers(
        folder,
        python,
        ({"content": "json"}, good),
        ({"content": "json"}, good.replace(b"2.0", b"2.5")),
        ({"content": "csv"}, b"a,b\n1,0.5\n"),
        ({"content": "tensors", "json": len(request)}, request + struct.pack("<q", 3)),
    )
    rows = json.loads(told[0][1])["predictions"]
    assert [row["sum"] for row in rows] == [3.0, 2.5]
    assert python.parent.parent.name.startswith(rows[0]["python"])
    assert told[1][0].get("text") == "column 'a', row 1: 2.5 is no whole number (int64)"
    assert json.loads(told[2][1])["predictions"][0]["sum"] == 1.5
    output = {"name": "sum", "datatype": "FP64", "shape": [1], "data": [3.25]}
    assert json.loads(told[3][1])["outputs"] == [output]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "lines"),
    [("3.8", ["pandas==1.5.3", "numpy<1.25"]), ("3.8", ["pandas==2.0.3"]), ("3.12", ["pandas>=3"])],
)
def test_a_frame_is_served(version: str, lines: list[str], tmp_path: Path) -> None:
    example = pd.DataFrame(
        {
            "a": [0.5],
            "b": [1],
            "c": pd.to_datetime(["2026-01-31"]).as_unit("ns"),
            "d": pd.Categorical(["x"], categories=["x", "y"]),
        }
    )
    folder = save(tmp_path, FRAMES, example)
    base = next((each for each in USABLE if f"/{version}." in str(each)), None)
    if base is None:
        pytest.skip(f"pyenv has no Python {version} here")
    place, program = tmp_path / "env", uv.find_uv_bin()
    subprocess.run([program, "venv", "--quiet", "--python", str(base), place], check=True)
    python = place / "bin" / "python"
    install = [program, "pip", "install", "--quiet", "--python", str(python), *lines]
    subprocess.run(install, check=True)
    rows: dict[str, Any] = {"columns": list("abcd"), "data": [[1.5, 2, "2026-02-01T10:00:00", "y"]]}
    tensors = [
        {"name": name, "datatype": datatype, "shape": [1, 1], "data": [cell]}
        for name, datatype, cell in zip(
            "abcd", ("FP64", "INT64", "BYTES", "BYTES"), rows["data"][0], strict=True
        )
    ]
    told = answers(
        folder,
        python,
        ({"content": "json"}, json.dumps({"dataframe_split": rows}).encode()),
        ({"content": "tensors"}, json.dumps({"inputs": tensors}).encode()),
    )
    assert json.loads(told[0][1]) == {"predictions": [{"sum": 3.5, "name": "y"}]}, told
    outputs = {each["name"]: each["data"] for each in json.loads(told[1][1])["outputs"]}
    assert outputs == {"sum": [3.5], "name": ["y"]}
