"""Errors of a model, of the files that travel with it, and of its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..base.errors import ModelenvError, NamedOption, Spell, WrongUseError
from ..base.files.absent import no_file, no_folder
from ..base.files.disk import UnwritableError, refused
from ..base.text import few


@dataclass(eq=False)
class NotAModelError(WrongUseError):
    """The object to save cannot predict."""

    model: object
    """What was given: a value, or the path of a file."""
    pickled: str = ""
    """The type of the value that the file holds; empty if there is no value in it."""

    def __str__(self) -> str:
        if isinstance(self.model, Path):
            return self._of_file(self.model)
        if isinstance(self.model, type):
            name = self.model.__qualname__
            return f"this is the class {name} itself: give a model, as {name}(...) makes one"
        kind = f"{type(self.model).__module__}.{type(self.model).__qualname__}"
        return (
            "a model has a method `predict`, is callable itself, or is the path of a script that"
            f" defines one or of a pickle; this is a {kind}"
        )

    def _of_file(self, file: Path) -> str:
        if self.pickled:
            way = "pickle an object with a method `predict`, or a function"
            if self.pickled in ("dict", "list", "tuple"):
                way = "pickle the model that is in it, or an object whose `predict` uses all of it"
            return f"{file} holds no model, but a value of the type {self.pickled}: {way}"
        kinds = "a script (a .py file) that defines a model, nor a pickle (.pkl) of one"
        if not file.is_file():
            return f"{file} is neither {kinds}: {no_file(file)}"
        with file.open("rb") as stream:
            if stream.read(1) == _PROTOCOL:
                return f"{file} may be a pickle: give it the ending .pkl then"
        way = "load it in a script that assigns the model to `model`, and save that script"
        return f"{file} is neither {kinds}: {way}"


_PROTOCOL = b"\x80"  # the first byte of a pickle since protocol 2
_MLMODEL = "MLmodel"
_BELOW = (f"*/{_MLMODEL}", f"*/*/{_MLMODEL}")
# The start of the tracer's note on a lazy import (PEP 810) that cannot be resolved.
_LAZILY_NAMED = "what is pickled names the lazy import of"


@dataclass(eq=False)
class NotPicklableError(ModelenvError):
    """The model or the example cannot be pickled."""

    what: str
    cause: BaseException

    def __str__(self) -> str:
        failed = f"pickling the {self.what} failed: {type(self.cause).__name__}: {self.cause}"
        notes = map(str, getattr(self.cause, "__notes__", ()))  # pickle adds notes of its own
        named = [each for each in notes if each.startswith(_LAZILY_NAMED)]
        if named and isinstance(self.cause, ImportError):
            missing = isinstance(self.cause, ModuleNotFoundError)
            what = f"{self.cause.name} is not installed here" if missing else "it cannot be loaded"
            return (
                f"{failed}\n{named[0]}, and {what}.\nNothing was written. Code that is pickled by"
                " value takes along what it names: install that, or have the code import it in the"
                " function that uses it, or put the code into a module."
            )
        return (
            f"{failed}\n"
            f"Nothing was written. Leave out of the {self.what} what cannot travel (locks, open"
            " files, connections, generators) and make it again where it is used."
        )


def not_written(what: str, file: Path, error: Exception) -> ModelenvError:
    """Return the error of a value that is not in `file`: refused by the disk, or not picklable."""
    if isinstance(error, OSError) and refused(error, file):
        return UnwritableError(what, file, error)
    return NotPicklableError(what, error)


@dataclass(eq=False)
class BadFolderError(WrongUseError):
    """A folder is not a readable model."""

    place: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: not a model folder that modelenv can read: {self.reason}"


def no_model_folder(place: Path) -> str:
    """Return why a path is no model folder: it is a file, or nothing."""
    if place.is_file() and (place.parent / _MLMODEL).is_file():
        return f"it is a file of one: give the folder, {place.parent}"
    if place.is_file() and place.suffix in (".py", ".pkl", ".pickle", ".joblib"):
        save = f"modelenv save --model {place.name} --input FILE -o FOLDER"
        return f"it is a file, and `{save}` makes a folder of a model in it"
    return no_folder(place)


def no_mlmodel(folder: Path) -> str:
    """Return that a folder has no MLmodel file, and which folders below it have one."""
    said = f"there is no {_MLMODEL} file"
    try:
        names = {each.name for each in folder.iterdir()}
        found = sorted(each.parent for each in (*folder.glob(_BELOW[0]), *folder.glob(_BELOW[1])))
    except OSError:
        return said
    if not names:
        return f"{said}; the folder is empty"
    if not found:
        return said
    shown = few([each.relative_to(folder).as_posix() for each in found])
    return f"{said}; below it, {shown} {'has' if len(found) == 1 else 'have'} one"


@dataclass(eq=False)
class LoadForbiddenError(WrongUseError):
    """An environment variable forbids loading the content of a folder."""

    place: Path
    """The folder, or the file of it that is a pickle."""
    variable: str
    what: str
    """What loading it would do, as a phrase."""

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.variable} is set to false, and {self.what}: set it to true, or"
            " unset it, if you trust this model"
        )


@dataclass(eq=False)
class BadArtifactError(WrongUseError):
    """A file cannot travel with the model."""

    name: str
    path: Path
    reason: str

    def __str__(self) -> str:
        return f"artifacts[{self.name!r}] = {self.path}: {self.reason}"

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return f"{spell(NamedOption('artifacts', self.name))}: {self.path}: {self.reason}"


@dataclass(eq=False)
class ChangedContentError(ModelenvError):
    """A folder's model or artifacts are not the ones that were saved."""

    folder: Path
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        groups = {"changed": self.changed, "missing": self.missing, "added": self.added}
        parts = "; ".join(f"{what}: {', '.join(names)}" for what, names in groups.items() if names)
        return (
            f"{self.folder} is not what was saved ({parts}). Loading a model runs code: find out"
            f" why before you allow it ({spell(NamedOption('allow_changed', True))})."
        )


@dataclass(eq=False)
class CodeClashError(WrongUseError):
    """Two files of first-party code would have the same path."""

    place: str
    first: Path
    second: Path

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        named = spell(NamedOption("code_paths")).removesuffix("=")
        return (
            f"code/{self.place} would be both {self.first} and {self.second}: name only one of them"
            f" in {named}, or give them different import paths"
        )


@dataclass(eq=False)
class BadCodePathError(WrongUseError):
    """A path of first-party code cannot travel."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return f"{spell(NamedOption('code_paths')).removesuffix('=')}: {self.path}: {self.reason}"
