"""What an MLmodel file says of the environment: MLflow's, of any version, or ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidFile
from ..spec import is_python_version
from ..text import read_text
from ..yaml.nodes import YamlNode, parse_yaml

if TYPE_CHECKING:
    from pathlib import Path

MLMODEL = "MLmodel"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What matters here; None where the file is silent."""

    python: str | None = None
    conda: str | None = None
    """The name of the conda file, `conda.yaml` for most."""
    virtualenv: str | None = None
    """The name of the python_env file; MLflow 1 knows none."""


def read_model_file(folder: Path) -> ModelFile:
    """Read the MLmodel of a folder, where there is one. Raises InvalidFile.

    MLflow 1 says `env: conda.yaml`, later ones `env: {conda: …, virtualenv: …}`.
    """
    text = read_text(folder / MLMODEL)
    if text is None:
        return ModelFile()
    function = _below(parse_yaml(text, file=MLMODEL), "flavors", "python_function")
    if function is None:
        return ModelFile()
    python, env = (function.mapping().get(key) for key in ("python_version", "env"))
    version = python.text() if python and not python.is_null else None
    conda, virtualenv = _env(env)
    known = version is not None and is_python_version(version)
    return ModelFile(version if known else None, conda, virtualenv)


def _env(env: YamlNode | None) -> tuple[str | None, str | None]:
    if env is None or env.is_null:
        return None, None
    if not env.is_mapping:
        return _file_name(env), None
    names = env.mapping()
    conda, virtualenv = (names.get(key) for key in ("conda", "virtualenv"))
    return (
        _file_name(conda) if conda and not conda.is_null else None,
        _file_name(virtualenv) if virtualenv and not virtualenv.is_null else None,
    )


def _file_name(node: YamlNode) -> str:
    name = node.text()
    if not name or "/" in name or "\\" in name or name in {".", ".."}:
        raise node.fault(f"{name!r} is not the name of a file in this folder")
    return name


def _below(node: YamlNode, *keys: str) -> YamlNode | None:
    for key in keys:
        try:
            found = node.mapping().get(key)
        except InvalidFile:
            if not node.is_null:
                raise
            return None
        if found is None:
            return None
        node = found
    return node if node.is_mapping else None
