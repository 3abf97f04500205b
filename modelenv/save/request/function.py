"""Find the function that returns a model, and call it."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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

        The module of a script, as in ``jobs/train.py:build``, is looked for in the script's folder.
        Raises WrongUseError if there is no such module or function, or the function needs
        arguments; UserCodeError if the module raises.
        """
        module_name, colon, name = source.partition(":")
        if not colon or not module_name or not name:
            said = f"{source!r} is not of the form MODULE:FUNCTION, as in train:build"
            file = "; the file of a pickled model is named by --model"
            raise WrongUseError(said + (file if Path(source).is_file() else ""))
        look_here()
        if module_name.endswith(".py") and Path(module_name).is_file():
            look_in(Path(module_name).absolute().parent)
            module_name = Path(module_name).stem
        with _theirs(source):
            try:
                module = importlib.import_module(module_name)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
                    raise
                missing = f"there is no module {module_name!r} here or installed"
                raise WrongUseError(missing) from error
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


def script_of(source: str) -> Path | None:
    """Return the script that `source` names, if it is below the working folder; else None.

    It is not imported.
    """
    module, _, _ = source.partition(":")
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
