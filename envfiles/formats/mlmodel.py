"""The environment in an MLmodel file: MLflow's, of any version, or ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..spec import is_python_version
from ..text import read_text
from ..yaml.nodes import YamlNode, parse_yaml

if TYPE_CHECKING:
    from pathlib import Path

MLMODEL = "MLmodel"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The entries for the environment; None if the file has none."""

    python: str | None = None
    conda: str | None = None
    """The name of the conda file, mostly `conda.yaml`."""
    virtualenv: str | None = None
    """The name of the python_env file; MLflow 1 has none."""


def read_model_file(folder: Path) -> ModelFile:
    """Read the MLmodel of a folder; None if there is none. Raises InvalidFile.

    MLflow 1 writes `env: conda.yaml`, later ones `env: {conda: …, virtualenv: …}`.
    """
    text = read_text(folder / MLMODEL, within=folder)
    if text is None:
        return ModelFile()
    function: YamlNode | None = parse_yaml(text, file=MLMODEL)
    for key in ("flavors", "python_function"):
        function = function.stated().get(key) if function and not function.is_null else None
    if function is None or not function.is_mapping:
        return ModelFile()
    keys = function.stated()
    python, env = keys.get("python_version"), keys.get("env")
    version = python.text() if python else None
    names = env.stated() if env and env.is_mapping else {"conda": env}
    return ModelFile(
        version if version is not None and is_python_version(version) else None,
        _file_name(names.get("conda")),
        _file_name(names.get("virtualenv")),
    )


def _file_name(node: YamlNode | None) -> str | None:
    if node is None:
        return None
    name = node.text()
    if not name.isprintable() or name in {"", ".", ".."} or set(name) & set("/\\"):
        raise node.fault(f"{name!r} is not the name of a file in this folder")
    return name
