"""Model folders that are exported, with what their pins are installed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import modelenv
from modelenv.export.exported import Exported
from modelenv.export.exporting import EnvironmentFormat

MLMODEL = """\
flavors:
  modelenv:
    format: 1
    version: '1'
    input: {{type: ndarray, dtype: <f8, shape: [2, 3], file: input_example.json}}
    prediction: {{type: json_object, file: prediction.json}}
    deterministic: true
    proof: {{status: reproduces, where: here}}
    environment: {{{variables}}}
    sha256: {{model.pkl: '{digest}'}}
  python_function:
    loader_module: modelenv_pyfunc_loader
    data: model.pkl
    python_version: '{python}'
signature:
  inputs: '[{{"type": "tensor", "tensor-spec": {{"dtype": "float64", "shape": [-1, 3]}}}}]'
model_uuid: 0a1b
utc_time_created: '2026-01-02 03:04:05'
"""


def described(folder: Path, python: str, variables: str = "") -> Path:
    """Give a folder of pins an MLmodel, so that it is a model."""
    text = MLMODEL.format(python=python, variables=variables, digest="0" * 64)
    (folder / "MLmodel").write_text(text)
    (folder / "trace.json").write_text("{}")
    return folder


def export(
    folder: Path, output: Path, to: EnvironmentFormat, **options: object
) -> tuple[Exported, str]:
    """Export a model, and return the outcome with the text of the file that its tool is given."""
    done = modelenv.export_environment(folder, output, to=to, **options)  # type: ignore[arg-type]
    return done, done.place.read_text("utf-8")


Model = Callable[[Mapping[str, str]], Path]
Lines = Iterable[str]
