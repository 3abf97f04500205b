"""Find the function that returns a model, and call it."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ...base.errors import ModelenvError, UserCodeError, WrongUseError
from ...base.telling.suggesting import near


@dataclass(frozen=True, slots=True)
class ModelFunction:
    """A function that takes nothing and returns a model and its input example."""

    source: str
    """Its name as the user gives it: ``train:build``."""
    call: Callable[[], Any]

    @classmethod
    def find(cls, source: str) -> ModelFunction:
        """Import the module that `source` names, with the working folder on the path.

        A file, as in ``jobs/train.py:build``, is imported from its own folder; one of a package is
        the package's module, as in ``src/churn/train.py:build`` (`churn.train`).
        Raises WrongUseError if there is no such module or function, or the function needs
        arguments; UserCodeError if the module raises.
        """
        module_name, _, name = source.rpartition(":")
        if not module_name or not name:
            said = f"{source!r} is not of the form MODULE:FUNCTION, as in train:build"
            pickled = "; the file of a pickled model is named by --model"
            raise WrongUseError(said + (pickled if Path(source).is_file() else ""))
        look_here()
        file = Path(module_name).absolute() if module_name.endswith(".py") else None
        if file is not None and file.is_file():
            module_name = _found_by_name(file)
        with _theirs(source):
            module = _imported(module_name, file, source)
            function = getattr(module, name, None)
        if not callable(function):
            meant = near(name, [each for each, value in vars(module).items() if callable(value)])
            absent = f"{module.__name__} has no function {name!r}"
            raise WrongUseError(f"{absent}.{meant}" if meant else absent)
        _check_takes_nothing(source, function)
        return cls(source, function)

    def result(self) -> Any:
        """Call the function and return its result. Raises UserCodeError if it raises."""
        with _theirs(self.source):
            return self.call()


def look_here() -> None:
    """Put the working folder on the path, for the user's own modules."""
    look_in(Path.cwd())


def look_in(folder: Path) -> None:
    """Put a folder on the path."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _imported(name: str, file: Path | None, source: str) -> ModuleType:
    """Import the module `name`. Raises WrongUseError if the path lacks it, or what holds `file`."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        function = source.rpartition(":")[2]
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            missing = f"there is no module {name!r} here or installed"
            raise WrongUseError(missing + _meant(name, function)) from error
        if file is not None and error.name is not None:
            _check_is_on_path(error.name, file, source)
        raise


def _found_by_name(file: Path) -> str:
    """Put the folder that a file is imported from on the path; return the module's name there.

    The folder of a file in packages is the one that holds the outermost, as pytest has it, but
    none above the working folder, which is on the path by itself. The file's own folder stays on
    the path behind it, as if the file were run.
    """
    look_in(file.parent)
    root, names, here = file.parent, [file.stem], Path.cwd()
    while root != here and root.name.isidentifier() and (root / "__init__.py").is_file():
        root, names = root.parent, [root.name, *names]
    look_in(root)
    return ".".join(names[:-1] if names[-1] == "__init__" and len(names) > 1 else names)


def _check_is_on_path(missing: str, file: Path, source: str) -> None:
    """Raise WrongUseError if a missing module is a folder above `file`, without ``__init__.py``."""
    top, function = missing.partition(".")[0], source.rpartition(":")[2]
    for folder in file.parents:
        if folder.name == top and str(folder.parent) not in sys.path:
            module = ".".join(file.relative_to(folder.parent).with_suffix("").parts)
            raise WrongUseError(
                f"{source} imports {missing}, and its folder {folder} is no package (it has no"
                f" __init__.py): put {folder.parent} on the path (PYTHONPATH), and give"
                f" {module}:{function}"
            )


def _meant(module: str, name: str) -> str:
    """Return a sentence on files of that module in folders below this one; empty if none is."""
    parts = module.split(".")
    if not all(map(str.isidentifier, parts)):
        return ""
    below = Path(*parts)
    found = (
        file
        for end in (below.with_suffix(".py"), below / "__init__.py")
        for file in sorted(Path().glob(f"*/{end.as_posix()}"))
    )
    return next((f". Did you mean {file.as_posix()}:{name}?" for file in found), "")


def script_of(source: str) -> Path | None:
    """Return the script that `source` names, if it is below the working folder; else None.

    It is not imported.
    """
    module = source.rpartition(":")[0]
    parts = [module] if module.endswith(".py") else [f"{module.replace('.', '/')}.py"]
    path = Path(*parts)
    return path if path.is_file() else None


def _check_takes_nothing(source: str, function: Callable[..., Any]) -> None:
    """Raise WrongUseError if a function cannot be called without arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some compiled functions have no signature
        return
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        each.name
        for each in parameters
        if each.default is inspect.Parameter.empty and each.kind not in optional
    ]
    if needed:
        raise WrongUseError(
            f"{source} needs arguments ({', '.join(needed)}), and it is called without any: give"
            " them defaults, or name a function that calls it with them"
        )


@contextmanager
def _theirs(source: str) -> Iterator[None]:
    try:
        yield
    except ModelenvError:
        raise
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        raise UserCodeError(source, error) from error
