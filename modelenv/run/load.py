"""Load a saved model into this interpreter, and say once if it is not the model's own."""

from __future__ import annotations

import filecmp
import importlib
import os
import platform
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..base.doors import door
from ..base.settings import Settings
from ..base.siblings import envfiles
from ..folder.artifacts import check_seal
from ..folder.documents.names import CODE, LOADER
from ..folder.documents.typed import Stated
from ..folder.errors import BadFolderError, no_mlmodel
from ..folder.mlflow.permission import check_allowed
from ..folder.mlmodel import FILE, recorded_variables
from ..folder.model_folder import ModelFolder
from ..worker.resident.model import ResidentModel
from .drift import drift_of
from .loading.loaded import LoadedModel
from .loading.untouched import leave_untouched


class EnvironmentWarning(UserWarning):
    """A warning that this interpreter is not the one that the model was saved for."""


@door
def load_model(
    folder: str | os.PathLike[str],
    *,
    suppress_warnings: bool = False,
    allow_changed: bool = False,
    unpickle: bool = False,
) -> LoadedModel:
    """Load the model in `folder` into this interpreter; it has a method ``predict``.

    The folder's own loader loads it, so a folder that MLflow wrote needs the library that its
    loader is part of. Warns once, in one message, if this interpreter differs from the pins, or if
    that is unknown because the environment files are missing or unreadable. If code of the folder
    has the name of other loaded code (two models with a ``utils`` each), the model lives in a
    process of its own, behind the same ``predict``. Its predictions then arrive typed. One that
    only a pickle can hold raises UntypedPredictionError, unless you set `unpickle`. Loading a model
    runs code of its folder. Raises BadFolderError, InvalidFile, CompiledCodeError if another Python
    compiled code that its pickle holds, LoadForbiddenError if a variable of MLflow's forbids it,
    and ChangedContentError if its data or artifacts are not what was saved, unless `allow_changed`.
    """
    model = ModelFolder.fetched(folder, keep=True)
    place = model.path
    if not (place / FILE).is_file():
        raise BadFolderError(place, no_mlmodel(place))
    function, ours = model.flavors.get("python_function"), model.flavors.get("modelenv")
    if not isinstance(function, dict) or not isinstance(function.get("loader_module"), str):
        raise BadFolderError(place, "its MLmodel has no flavor python_function with a loader")
    check_allowed(model, Settings.from_environment())
    with suppress(BadFolderError):  # then its pickling Python is unknown
        model.check_code(platform.python_version())
    concern = "" if suppress_warnings else _concern(model)
    if concern:
        warnings.warn(concern, EnvironmentWarning, stacklevel=3)
    if isinstance(ours, dict):
        data = place / str(function.get("data"))
        if not allow_changed:
            check_seal(place, data.name, ours.get("sha256") or {})
        code = place / CODE
        if clashes(code):
            loader = code / f"{function['loader_module']}.py"
            variables = recorded_variables(Stated(ours, place / FILE, "flavors.modelenv"))
            return ResidentModel(data, loader, (code,), variables, unpickle=unpickle)
    return _load(place, function)


def clashes(code: Path) -> list[str]:
    """Return the modules that `code` carries and that are here already with another content.

    They are loaded, or are the code of another model that may load them yet. Of a package both
    have to hold the same modules: only one of its folders is looked into.
    """
    others = {Path(entry) for entry in sys.path if _holds_a_model(Path(entry))} - {code}
    found = []
    for top in sorted({file.relative_to(code).parts[0] for file in code.rglob("*.py")}):
        name = top.removesuffix(".py")
        if name == LOADER:
            continue
        found += [each for other in others for each in _iter_differing_modules(code, other, top)]
        found += [each for other in others for each in _iter_differing_modules(other, code, top)]
        home = _home(name)
        if home is not None and home != code:
            found += _iter_differing_modules(code, home, top)
    return sorted(set(found))


def _holds_a_model(entry: Path) -> bool:
    return entry.name == CODE and (entry / f"{LOADER}.py").is_file()


def _home(name: str) -> Path | None:
    """Return the folder that a loaded module came from; None if it has no file."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file or not Path(file).is_file():
        return None
    return Path(file).parent.parent if Path(file).stem == "__init__" else Path(file).parent


def _iter_differing_modules(one: Path, other: Path, top: str) -> Iterator[str]:
    """Yield the modules below `top` that `one` has and `other`, which has `top` too, lacks."""
    if not (other / top).exists():
        return
    whole = (other / top / "__init__.py").exists()  # no portion of a namespace package
    for file in (one / top).rglob("*.py") if (one / top).is_dir() else (one / top,):
        there = other / file.relative_to(one)
        differs = not filecmp.cmp(file, there, shallow=False) if there.is_file() else whole
        if file.is_file() and differs:
            names = file.relative_to(one).with_suffix("").parts
            yield ".".join(names[:-1] if names[-1] == "__init__" else names)


def _concern(model: ModelFolder) -> str:
    """Return a warning about this interpreter before a model is loaded into it; empty: none."""
    try:
        found = drift_of(model)
    except envfiles.InvalidFile as error:
        return f"it is unknown whether this environment is the model's own: {error}"
    return str(found) if found else ""


def _load(folder: Path, function: dict[str, Any]) -> LoadedModel:
    code = function.get("code")
    if isinstance(code, str):
        leave_untouched(folder / code)
        if str(folder / code) not in sys.path:
            sys.path.insert(0, str(folder / code))
    name = function["loader_module"]
    loaded = sys.modules.get(name)
    if loaded is not None and _is_anothers(loaded, folder):
        del sys.modules[name]  # the loader of another folder has the same name
    try:
        loader = importlib.import_module(name)
    except ModuleNotFoundError as error:
        reason = f"its loader {name} is not here: {error}; install what it was saved with"
        raise BadFolderError(folder, reason) from error
    data = function.get("data")
    model: LoadedModel = loader._load_pyfunc(str(folder / data) if data else str(folder))
    return model


def _is_anothers(module: Any, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    own = folder in Path(file).parents if file else False
    return not own and (folder / "code" / f"{module.__name__}.py").exists()
