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

        A file, as in ``jobs/train.py:build``, is imported from its own folder; one of a package is
        the package's module, as in ``src/churn/train.py:build`` (`churn.train`).
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
            module_name = _found_by_name(Path(module_name).absolute())
        with _theirs(source):
            try:
                module = importlib.import_module(module_name)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
                    raise
                missing = f"there is no module {module_name!r} here or installed"
                raise WrongUseError(missing + _meant(module_name, name)) from error
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


def _found_by_name(file: Path) -> str:
    """Put the folder that a file is imported from on the path; return the module's name there.

    The folder of a file in packages is the one that holds the outermost, as pytest has it. The
    file's own folder stays on the path behind it, as if the file were run.
    """
    look_in(file.parent)
    root, names = file.parent, [file.stem]
    while root.name.isidentifier() and (root / "__init__.py").is_file():
        root, names = root.parent, [root.name, *names]
    look_in(root)
    return ".".join(names[:-1] if names[-1] == "__init__" and len(names) > 1 else names)


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
