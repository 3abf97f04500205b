"""Files that a model's MLmodel names and its folder does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from ..base.siblings import envfiles
from ..folder.documents.names import CODE
from ..folder.documents.trace_file import FILE as TRACE
from ..folder.errors import BadFolderError
from ..folder.model_folder import ModelFolder

# The keys of MLflow's flavors that name a file or a folder; `model` is one to crate (R) alone.
_DATA = (
    *("data", "model_binary", "model_code_path", "model_data", "model_path"),
    *("pickled_model", "python_model", "saved_model_dir"),
)
_OF_R = "crate"
_SCRIPT = "model_code_path"


def iter_missing(model: ModelFolder) -> Iterator[str]:
    """Yield the name of each missing file that MLmodel names, with its role."""
    named: dict[str, list[str]] = {}
    for name, what in _iter_named(model):
        if _is_within(name) and not (model.path / name).exists():
            named.setdefault(name, []).append(what)
    for name, whats in named.items():
        yield f"{name} ({', '.join(dict.fromkeys(whats))})"


def check_data(model: ModelFolder) -> None:
    """Raise BadFolderError if the data of ``python_function`` is not in the folder.

    Another flavor's data may be missing: it is not loaded here.
    """
    said = model.flavors.get("python_function")
    for name in (_named(said, key) for key in _DATA) if isinstance(said, dict) else ():
        if name and _is_within(name) and not (model.path / name).exists():
            raise BadFolderError(
                model.path / name,
                "it is not there, and MLmodel names it as the model's data: copy it into the folder"
                " from where the model was saved",
            )


def _iter_named(model: ModelFolder) -> Iterator[tuple[str, str]]:
    """Yield each name that MLmodel gives to something in its folder, with its role."""
    for flavor, said in model.flavors.items():
        if isinstance(said, dict):
            keys = (*_DATA, "model") if flavor == _OF_R else _DATA
            names = filter(None, (_named(said, key) for key in keys))
            yield from ((name, "the model's data") for name in names)
            yield from _iter_artifacts(said)
    function = model.flavors.get("python_function")
    if isinstance(function, dict) and isinstance(function.get("code"), str):
        yield function["code"], "the model's own code"
    yield from _iter_environment_files(model)
    if model.ours:
        loader = f"{CODE}/{model.mlmodel.loader}.py"
        yield from ((TRACE, "the trace"), (loader, "the loader"))
        yield from _iter_described(model.mlmodel.input, "the input example")
        yield from _iter_described(model.mlmodel.prediction, "the recorded prediction")
        return
    for key, entry in (
        ("saved_input_example_info", "artifact_path"),
        ("saved_input_example_info", "serving_input_path"),
    ):
        info = model.document.get(key)
        if isinstance(info, dict) and isinstance(info.get(entry), str):
            yield info[entry], "the input example"


def _iter_artifacts(flavor: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    artifacts = flavor.get("artifacts")
    for name, said in artifacts.items() if isinstance(artifacts, dict) else ():
        if isinstance(said, dict) and isinstance(said.get("path"), str):
            yield said["path"], f"the artifact {name}"


def _iter_environment_files(model: ModelFolder) -> Iterator[tuple[str, str]]:
    try:
        said = envfiles.read_model_file(model.path)
    except envfiles.InvalidFile:  # the reader of the environment reports that
        return
    for name in filter(None, (said.conda, said.virtualenv)):
        yield name, "an environment file"


def _iter_described(described: Mapping[str, Any], what: str) -> Iterator[tuple[str, str]]:
    if described["type"] == "examples":
        for item in described["items"]:
            yield from _iter_described(item, what)
    elif "file" in described:
        yield described["file"], what


def _named(flavor: Mapping[str, Any], key: str) -> str:
    """Return the name under a key; empty without one."""
    said = flavor.get(key)
    if not isinstance(said, str):
        return ""
    # For a script MLflow keeps its path on the machine of its author, perhaps Windows.
    return said.replace("\\", "/").rpartition("/")[2] if key == _SCRIPT else said


def _is_within(name: str) -> bool:
    """Return whether a name is a path inside the folder: no URL, and nothing outside."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "://" not in name and not path.is_absolute() and ".." not in path.parts
