"""Load a saved model into this interpreter, and say once where it is not the model's own."""

from __future__ import annotations

import filecmp
import importlib
import os
import shlex
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.siblings import envfiles, resolver
from ..folder.artifacts import check_seal
from ..folder.errors import BadFolderError
from ..folder.mlmodel import CODE, FILE, LOADER
from ..folder.model_folder import Stated, flavors
from ..worker.resident import ResidentModel


class EnvironmentWarning(UserWarning):
    """This interpreter is not the one that the model was saved for."""


@dataclass(frozen=True, slots=True)
class Drift:
    """In what this interpreter differs from a model's pins."""

    folder: Path
    difference: envfiles.Difference

    def __bool__(self) -> bool:
        return bool(self.difference)

    def __str__(self) -> str:
        """Say it in one message, with the command that makes a matching environment."""
        lines = [f"this environment is not the one that {self.folder} was saved for:"]
        python = self.difference.python
        lines += (
            [f"  Python {python.right}, saved with {python.left} ({python.step})"] if python else []
        )
        lines += [f"  {_sentence(change)}" for change in self.difference.changes]
        lines.append(f"predictions may differ or fail. A matching environment: {self.command}")
        return "\n".join(lines)

    @property
    def command(self) -> str:
        """Return the command that makes an environment of the model's own."""
        file = self.folder / "requirements.txt"
        if not file.is_file():  # MLflow wrote none before its version 1.25
            return f"conda env create -n model-env -f {shlex.quote(str(self._conda))}"
        python = self.difference.python
        version = python.left if python else ".".join(map(str, sys.version_info[:2]))
        return (
            f"uv venv --python {version} model-env &&"
            f" uv pip install --python model-env -r {shlex.quote(str(file))}"
        )

    @property
    def _conda(self) -> Path:
        return self.folder / (envfiles.read_model_file(self.folder).conda or "conda.yaml")


def load_model(
    folder: str | os.PathLike[str],
    *,
    suppress_warnings: bool = False,
    allow_changed: bool = False,
) -> Any:
    """Load the model in `folder` into this interpreter; it has a method ``predict``.

    The folder's own loader loads it, so a folder that MLflow wrote needs the library that its
    loader is part of. Warns once, in one message, where this interpreter differs from the pins, or
    where nobody can tell since the environment files are not there or cannot be read.
    Where code of the folder bears the name of other code that is loaded already (two models with
    a ``utils`` each), the model lives in a process of its own, behind the same ``predict``.
    Loading a model runs code of its folder. Raises BadFolderError, InvalidFile, and
    ChangedContentError where its data or artifacts are not what was saved, unless `allow_changed`.
    """
    place = arguments.path("the model folder", folder).absolute()
    envfiles.recover(place)
    if not place.is_dir():
        raise BadFolderError(place, "there is no such folder")
    if not (place / FILE).is_file():
        raise BadFolderError(place, f"there is no {FILE} file")
    found = flavors(place)
    function, ours = found.get("python_function"), found.get("modelenv")
    if not isinstance(function, dict) or not isinstance(function.get("loader_module"), str):
        raise BadFolderError(place, "its MLmodel has no flavor python_function with a loader")
    concern = "" if suppress_warnings else _concern(place)
    if concern:
        warnings.warn(concern, EnvironmentWarning, stacklevel=2)
    if isinstance(ours, dict):
        data = place / str(function.get("data"))
        if not allow_changed:
            check_seal(place, data.name, ours.get("sha256") or {})
        code = place / CODE
        if clashes(code):
            return ResidentModel(data, code / f"{function['loader_module']}.py", (code,))
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
    """Return the folder from which a module that is loaded came; None where it has no file."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file or not Path(file).is_file():
        return None
    return Path(file).parent.parent if Path(file).stem == "__init__" else Path(file).parent


def _iter_differing_modules(one: Path, other: Path, top: str) -> Iterator[str]:
    """Yield the modules below `top` that `one` holds and `other`, which has it too, does not."""
    if not (other / top).exists():
        return
    whole = (other / top / "__init__.py").exists()  # no portion of a namespace package
    for file in (one / top).rglob("*.py") if (one / top).is_dir() else (one / top,):
        there = other / file.relative_to(one)
        differs = not filecmp.cmp(file, there, shallow=False) if there.is_file() else whole
        if file.is_file() and differs:
            names = file.relative_to(one).with_suffix("").parts
            yield ".".join(names[:-1] if names[-1] == "__init__" else names)


def compare_environment(folder: str | os.PathLike[str]) -> Drift:
    """Compare this interpreter with the pins of a model folder, of modelenv or MLflow.

    What is installed here and not pinned is no difference. Raises InvalidFile, WrongUseError.
    """
    stated = Stated.read(arguments.path("the model folder", folder))
    installed = resolver.Installed.current()
    pins = dict(_iter_differing(stated, installed))
    here = {name: version for name, (_, version) in pins.items() if version is not None}
    version = ".".join(map(str, sys.version_info[:3]))
    same = stated.spec.python.split(".") == version.split(".")[: stated.spec.python.count(".") + 1]
    left = envfiles.Side(
        "the model", None if same else stated.spec.python, {n: s for n, (s, _) in pins.items()}, {}
    )
    right = envfiles.Side("this interpreter", version, here, {})
    return Drift(stated.folder, envfiles.compare(left, right))


def _concern(folder: Path) -> str:
    """Say what is to be known of this interpreter before a model is loaded into it."""
    try:
        drift = compare_environment(folder)
    except envfiles.InvalidFile as error:
        return f"nobody knows whether this environment is the model's own: {error}"
    return str(drift) if drift else ""


def _iter_differing(
    stated: Stated, installed: resolver.Installed
) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Yield each pin that what is installed does not satisfy, with what is there instead."""
    from packaging.requirements import Requirement

    for entry in stated.spec.requirements:
        requirement = Requirement(entry.requirement)
        if requirement.marker is not None and not installed.target.admits(requirement.marker):
            continue
        found = installed.get(entry.name)
        asked = str(requirement.specifier) or (f" @ {requirement.url}" if requirement.url else "")
        if found is None:
            yield entry.name, (asked, None)
        elif not requirement.specifier.contains(found.version, prereleases=True):
            yield entry.name, (asked, f"=={found.version}")


def _sentence(change: envfiles.Change) -> str:
    if change.right is None:
        return f"{change.name}{change.left} is not installed"
    wanted = (change.left or "").removeprefix("==")
    return f"{change.name} {change.right.removeprefix('==')}, saved with {wanted} ({change.step})"


def _load(folder: Path, function: dict[str, Any]) -> Any:
    code = function.get("code")
    if isinstance(code, str) and str(folder / code) not in sys.path:
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
    return loader._load_pyfunc(str(folder / data) if data else str(folder))


def _is_anothers(module: Any, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    own = folder in Path(file).parents if file else False
    return not own and (folder / "code" / f"{module.__name__}.py").exists()
