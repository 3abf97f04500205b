"""The new loader of an old model: ours, or MLflow's own if it is needed.

MLflow of the time brings tens of distributions that a model does not use; without it fewer can
break. It is kept if a pickle names its classes, if the model's code imports it, and if its
flavor does more than hand a table to a library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from pathlib import Path
from typing import Any

from ....folder.artifacts import FOLDER
from ....folder.documents.code_by_value import PickledNames
from ....folder.documents.names import CODE, MODEL, SCRIPT
from ....folder.errors import BadFolderError
from ....folder.mlflow.skops_types import skops_file, trusted_types
from ....folder.mlmodel import FILE
from ....folder.model_folder import ModelFolder
from ..values import AppliedRule
from . import scripts

MLFLOW = frozenset({"mlflow", "mlflow-skinny"})
"""The distributions that MLflow's own lists name for MLflow's sake."""
_OF_PYFUNC = "mlflow.pyfunc.loaders."
_CONFIG = "config"
_OF_OURS = frozenset(
    {"loader_module", "data", "model_path", "code", "env", "python_version", _CONFIG}
)
_JOBLIB = re.compile(r"(sklearn\.externals\.)?joblib\.numpy_pickle")
_IMPORTS = re.compile(r"^\s*(?:import|from)\s+mlflow\b", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldLoading:
    """The files that our loader loads, in the new folder."""

    data: str
    """``model.pkl`` or ``model.py``."""
    pickle: str = ""
    """The file of the old folder that becomes the pickle."""
    script: str = ""
    """The text of the script."""
    beside: str = ""
    """The place of a file that the script reads; empty: it is there already."""
    reads: tuple[str, ...] = ()
    """Files and folders of the old folder that the script reads; an empty path: all of it."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """Entries of MLmodel that MLflow's own loader reads, if that one is used."""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    """Paths in the folder by the names that the model knows them by."""
    needs_mlflow: bool = False
    reason: str = ""
    """The reason for this way of loading."""
    holds_code: bool = False
    """Whether a pickle of it brings code by value."""

    def rule(self, lines: Iterator[str] | tuple[str, ...]) -> AppliedRule:
        """Return the rule, with the removed ones of MLflow's `lines`."""
        gone = ", ".join(lines)
        return AppliedRule("loader", self.reason, f"without {gone}" if gone else "")


def loading_of_file(file: Path) -> OldLoading:
    """Return how a pickle without a folder is loaded: what joblib wrote, by joblib."""
    named = PickledNames.of(file)
    if file.suffix == ".joblib" or any(_JOBLIB.fullmatch(name) for name in named.modules):
        beside = f"{FOLDER}/{file.name}"
        return OldLoading(
            data=SCRIPT,
            script=scripts.by_joblib(beside),
            beside=beside,
            reason=f"{file.name} was written by joblib, and is loaded by it",
            holds_code=named.holds_code,
        )
    reason = f"{file.name} is unpickled by the loader in {CODE}/"
    return OldLoading(data=MODEL, pickle=file.name, reason=reason, holds_code=named.holds_code)


def loading_of(folder: ModelFolder) -> OldLoading:
    """Return how the model of a folder of MLflow's is loaded. Raises BadFolderError."""
    function = folder.flavors["python_function"]
    module = _name(folder, "loader_module", str(function["loader_module"]))
    code = _code_folder(folder, function)
    data = _data(folder, function)
    if module == "mlflow.sklearn" and skops_file(folder) is not None:
        found = _of_skops(folder, code, data, _method(folder, function))
    elif module == "mlflow.sklearn":
        found = _of_pickle(folder, code, data, _method(folder, function))
    elif module.startswith(_OF_PYFUNC):
        found = _by_pyfunc(folder, function, module)
    elif module == "mlflow.pyfunc.model" and "python_model" in function:
        found = _of_python_model(folder, code, function)
    else:
        found = _of_script(folder, code, module, data)
    return found


def _code_folder(folder: ModelFolder, function: Mapping[str, Any]) -> Path | None:
    said = function.get("code")
    return folder.path / said if isinstance(said, str) and (folder.path / said).is_dir() else None


def code_of(folder: ModelFolder) -> Path | None:
    """Return the folder of the model's own code, if there is one."""
    function = folder.flavors.get("python_function")
    return _code_folder(folder, function) if isinstance(function, dict) else None


def _data(folder: ModelFolder, function: Mapping[str, Any]) -> str:
    """Return the path of the data below the folder; empty: all of it. Raises BadFolderError."""
    said = function.get("data", function.get("model_path"))
    if not isinstance(said, str):
        return ""
    if not (folder.path / said).resolve().is_relative_to(folder.path.resolve()):
        raise BadFolderError(folder.path / FILE, f"its data leads out of the folder: {said!r}")
    return said


def _method(folder: ModelFolder, function: Mapping[str, Any]) -> str:
    flavor = folder.flavors.get("sklearn")
    said = flavor.get("predict_fn") if isinstance(flavor, dict) else None
    return _name(folder, "predict_fn", str(function.get("predict_fn") or said or "predict"))


def _name(folder: ModelFolder, key: str, said: str) -> str:
    """Return a name that goes into a script. Raises BadFolderError for any other value."""
    if all(part.isidentifier() and not iskeyword(part) for part in said.split(".")):
        return said
    raise BadFolderError(folder.path / FILE, f"its {key} is no name: {said!r}")


def _named_in(folder: ModelFolder, data: str) -> PickledNames:
    """Return what a pickle of the folder names. Raises BadFolderError if it is not there."""
    if not _is_below(folder.path, data) or not (folder.path / data).is_file():
        reason = f"its pickle, as {FILE} has it, is not in the folder"
        raise BadFolderError(folder.path / data, reason)
    return PickledNames.of(folder.path / data)


def _of_pickle(folder: ModelFolder, code: Path | None, data: str, method: str) -> OldLoading:
    if not data:
        raise BadFolderError(folder.path / FILE, "its flavor sklearn does not name its pickle")
    named = _named_in(folder, data)
    because = _needs_mlflow(named, code)
    plain = method == "predict"
    said = f"{data} is unpickled by the loader in {CODE}/"
    return OldLoading(
        data=MODEL if plain else SCRIPT,
        pickle=data if plain else "",
        script="" if plain else scripts.by_method(data, method),
        reads=() if plain else (data,),
        needs_mlflow=bool(because),
        reason=f"{said}; {because}" if because else f"{said}, and nothing of it names mlflow",
        holds_code=named.holds_code,
    )


def _of_skops(folder: ModelFolder, code: Path | None, data: str, method: str) -> OldLoading:
    """Return how what skops wrote is loaded: it is no pickle, and nothing of MLflow's reads it."""
    if not data or not _is_below(folder.path, data) or not (folder.path / data).is_file():
        raise BadFolderError(
            folder.path / data, f"what skops wrote, as {FILE} has it, is not there"
        )
    trusted = trusted_types(folder)
    because = _needs_mlflow(PickledNames(trusted), code)
    said = f"{data} is loaded by skops, in {SCRIPT}"
    if trusted:
        said += f", which trusts {', '.join(trusted)} on the word of {FILE}"
    return OldLoading(
        data=SCRIPT,
        script=scripts.by_skops(data, trusted, method),
        reads=(data,),
        needs_mlflow=bool(because),
        reason=f"{said}; {because}" if because else said,
    )


def _of_python_model(
    folder: ModelFolder, code: Path | None, function: Mapping[str, Any]
) -> OldLoading:
    data = str(function["python_model"])
    if function.get(_CONFIG):
        return _by_pyfunc(folder, function, "mlflow.pyfunc.model")
    named = _named_in(folder, data)
    because = _needs_mlflow(named, code)
    said = f"{data} is unpickled by the loader in {CODE}/"
    return OldLoading(
        data=MODEL,
        pickle=data,
        artifacts=dict(_iter_artifacts(folder, function)),
        needs_mlflow=bool(because),
        reason=f"{said}; {because}" if because else f"{said}, and nothing of it names mlflow",
        holds_code=named.holds_code,
    )


def _iter_artifacts(folder: ModelFolder, function: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the artifacts by their names. Raises BadFolderError for one that is elsewhere."""
    said = function.get("artifacts")
    for name, each in said.items() if isinstance(said, dict) else ():
        path = each.get("path") if isinstance(each, dict) else None
        if not isinstance(path, str) or not _is_below(folder.path, path):
            reason = f"its artifact {name} is not in the folder: {path!r}"
            raise BadFolderError(folder.path / FILE, reason)
        yield str(name), Path(path).as_posix()


def _is_below(folder: Path, path: str) -> bool:
    return (folder / path).resolve().is_relative_to(folder.resolve())


def _of_script(folder: ModelFolder, code: Path | None, module: str, data: str) -> OldLoading:
    flavor = module.removeprefix("mlflow.")
    said = folder.flavors.get(flavor)
    text = scripts.script_of(flavor, said, data) if isinstance(said, dict) and data else None
    if text is not None:
        because = _needs_mlflow(PickledNames(), code)
        told = f"{data} is loaded by {SCRIPT}, as {module} does it"
        return OldLoading(
            data=SCRIPT,
            script=text,
            reads=(data,),
            needs_mlflow=bool(because),
            reason=f"{told}; {because}" if because else f"{told}, without any need of mlflow",
        )
    if module.partition(".")[0] == "mlflow":
        return _by_mlflow(folder, module, data, f"what {module} makes of it is MLflow's")
    because = _needs_mlflow(PickledNames(), code)
    told = f"{data or 'it'} is loaded by {module}, the model's own loader in {CODE}/"
    return OldLoading(
        data=SCRIPT,
        script=scripts.by_loader(module, data),
        reads=(data,),
        needs_mlflow=bool(because),
        reason=f"{told}; {because}" if because else told,
    )


def _by_pyfunc(folder: ModelFolder, function: Mapping[str, Any], module: str) -> OldLoading:
    """Return how a loader of MLflow's loads it that reads in MLmodel what of the folder it takes.

    That are models whose code is a file (MLflow 2.12), and those with a configuration (2.9).
    """
    config = function.get(_CONFIG)
    if config and not isinstance(config, dict):
        reason = "its config is a file of another machine" if isinstance(config, str) else "no map"
        raise BadFolderError(folder.path / FILE, reason)
    try:
        json.dumps(config)
    except TypeError as error:
        raise BadFolderError(folder.path / FILE, f"its config is no plain data: {error}") from error
    kept = {key: said for key, said in function.items() if key not in _OF_OURS}
    found = _by_mlflow(folder, module, "", f"{module} makes the model", config)
    return replace(found, kept=kept)


def _by_mlflow(
    folder: ModelFolder, module: str, data: str, why: str, config: object = None
) -> OldLoading:
    holds = any(PickledNames.of(file).holds_code for file in folder.pickles)
    return OldLoading(
        data=SCRIPT,
        script=scripts.by_loader(module, data, config),
        reads=(data,),
        needs_mlflow=True,
        reason=f"mlflow stays: {why}",
        holds_code=holds,
    )


def _needs_mlflow(named: PickledNames, code: Path | None) -> str:
    """Return why MLflow has to be there; empty: it need not."""
    if any(name.partition(".")[0] == "mlflow" for name in named.modules):
        return "mlflow stays: the pickle names its classes"
    if code is None:
        return ""
    for file in sorted(code.rglob("*.py")):
        if _IMPORTS.search(file.read_text("utf-8", errors="replace")):
            return f"mlflow stays: {CODE}/{file.relative_to(code).as_posix()} imports it"
    return ""
