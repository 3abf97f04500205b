"""What can go wrong, each with the stage it happened in and the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .text import be, counted

if TYPE_CHECKING:
    from ..worker.verdict import Verdict


class ModelenvError(Exception):
    """Stand above every error of this package."""

    exit_code = 1
    """What the command exits with: 1 the answer is no, 2 wrong use, 3 our own fault."""


class WrongUseError(ModelenvError):
    """An argument, a file or a tool is not what it should be."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class UserCodeError(ModelenvError):
    """The function that was to give the model raised."""

    def __init__(self, source: str, cause: BaseException) -> None:
        super().__init__(source, cause)
        self.source = source
        self.cause = cause

    def __str__(self) -> str:
        frame = self.cause.__traceback__
        place = ""
        while frame is not None:
            place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
            frame = frame.tb_next
        return f"{self.source} raised {type(self.cause).__name__}: {self.cause} ({place})"


class SiblingOverwrittenError(ModelenvError):
    """Another distribution was installed over files of our own packages."""

    exit_code = 3

    def __init__(self, files: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(files)
        self.files = files
        """What was overwritten, by the name of the distribution that did it."""

    def __str__(self) -> str:
        files = [file for listed in self.files.values() for file in listed]
        return (
            f"{' and '.join(self.files)} overwrote modelenv's own {_some(files)}:"
            f" `pip uninstall {' '.join(self.files)}`, then {_REINSTALL}"
        )


class SiblingMissingError(ModelenvError):
    """Files of our own packages are gone, as where a distribution of that name was uninstalled."""

    exit_code = 3

    def __init__(self, files: tuple[Path, ...]) -> None:
        super().__init__(files)
        self.files = files

    def __str__(self) -> str:
        return (
            f"modelenv's own {_some(self.files)} {be(len(self.files))} missing, as where another"
            f" distribution with a package of that name was uninstalled: {_REINSTALL}"
        )


_REINSTALL = "`pip install --force-reinstall --no-deps modelenv`"


def _some(files: Sequence[Path | str]) -> str:
    """Name the first of many."""
    more = len(files) - 1
    return f"{files[0]} and {counted(more, 'more file')}" if more else str(files[0])


class NotAModelError(ModelenvError):
    """What was to be saved cannot predict."""

    exit_code = 2

    def __init__(self, model: object) -> None:
        super().__init__(model)
        self.model = model

    def __str__(self) -> str:
        if isinstance(self.model, Path):
            why = "" if self.model.exists() else ": there is no such file"
            return f"{self.model} is no script (a .py file) that defines a model{why}"
        if isinstance(self.model, type):
            name = self.model.__qualname__
            return f"this is the class {name} itself: give a model, as {name}(...) makes one"
        kind = f"{type(self.model).__module__}.{type(self.model).__qualname__}"
        return (
            "a model has a method `predict`, is callable itself, or is the path of a script that"
            f" defines one; this is a {kind}"
        )


class NotPicklableError(ModelenvError):
    """The model or the example cannot be pickled."""

    def __init__(self, what: str, cause: BaseException) -> None:
        super().__init__(what, cause)
        self.what = what
        self.cause = cause

    def __str__(self) -> str:
        return (
            f"pickling the {self.what} failed: {type(self.cause).__name__}: {self.cause}\n"
            f"Nothing was written. Leave out of the {self.what} what cannot travel (locks, open"
            " files, connections, generators) and make it again where it is used."
        )


class RunFailedError(ModelenvError):
    """The model did not come through its run in a fresh interpreter."""

    def __init__(
        self,
        where: str,
        stage: str,
        reason: str,
        detail: str = "",
        *,
        saving: bool = False,
        example: int | None = None,
    ) -> None:
        super().__init__(where, stage, reason, detail)
        self.where = where
        self.stage = stage
        self.reason = reason
        self.detail = detail
        self.saving = saving
        """Whether a folder was to be written after the run."""
        self.example = example
        """Which of several examples it was, from 0; None: the only one, or nobody knows."""

    def __str__(self) -> str:
        data = "the input example" if self.saving else "the input"
        data = f"further_examples[{self.example - 1}]" if self.example else data
        doing = _DOING.get(self.stage, self.stage).format(input=data)
        text = f"{doing} failed in {self.where}: {self.reason}"
        text += "\nNothing was written." if self.saving else ""
        return f"{text}\n\n{self.detail.rstrip()}" if self.detail else text


_DOING = {
    "start": "starting the worker",
    "load": "loading the model",
    "input": "loading {input}",
    "predict": "predicting on {input}",
    "predict again": "predicting a second time on {input}",
    "output": "recording the prediction",
}


class NotProvenError(ModelenvError):
    """The pinned set does not give the recorded prediction."""

    def __init__(
        self,
        verdict: Verdict,
        pins: int,
        hints: tuple[str, ...] = (),
        way_out: str = "prove=False writes the folder all the same, marked unproven.",
    ) -> None:
        super().__init__(verdict, pins, hints, way_out)
        self.verdict = verdict
        self.pins = pins
        self.hints = hints
        self.way_out = way_out

    def __str__(self) -> str:
        lines = [
            f"the prediction is not reproduced in {self.verdict.where} with the"
            f" {counted(self.pins, 'pinned distribution')}: {self.verdict.reason}",
            *self.hints,
            f"Nothing was written. {self.way_out}",
        ]
        text = "\n".join(lines)
        return f"{text}\n\n{self.verdict.detail.rstrip()}" if self.verdict.detail else text


class NotReplicableError(ModelenvError):
    """An installed distribution has no list of its files."""

    def __init__(self, name: str, version: str, info: str) -> None:
        super().__init__(name, version, info)
        self.name = name
        self.version = version
        self.info = info

    def __str__(self) -> str:
        return (
            f"{self.name} {self.version} has no list of its files (RECORD) in {self.info}, so no"
            " replica can hold it: reinstall it with pip, choose another environment manager, or"
            " pass prove=False"
        )


class NotUnpackedError(ModelenvError):
    """A wheel that travels with a model cannot be laid out."""

    def __init__(self, wheel: Path, reason: str) -> None:
        super().__init__(wheel, reason)
        self.wheel = wheel
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.wheel} cannot be unpacked: {self.reason}; save the model again"


class BuildFailedError(ModelenvError):
    """An environment could not be built from the pins."""

    def __init__(self, manager: str, command: str, output: str) -> None:
        super().__init__(manager, command, output)
        self.manager = manager
        self.command = command
        self.output = output

    def __str__(self) -> str:
        return (
            f"building the environment with {self.manager} failed: {self.command}\n"
            f"{self.output.rstrip()}\n"
            "modelenv fix looks for requirements that can be had; when a model is saved,"
            " prove=False writes the folder without proving it."
        )


class BadFolderError(ModelenvError):
    """A folder is not a model that can be read."""

    exit_code = 2

    def __init__(self, place: Path, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: not a model folder that modelenv can read: {self.reason}"


class BadArtifactError(ModelenvError):
    """A file that was to travel with the model cannot."""

    exit_code = 2

    def __init__(self, name: str, path: Path, reason: str) -> None:
        super().__init__(name, path, reason)
        self.name = name
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"artifacts[{self.name!r}] = {self.path}: {self.reason}"


class ChangedContentError(ModelenvError):
    """A folder's model or artifacts are not the ones that were saved."""

    def __init__(
        self,
        folder: Path,
        changed: tuple[str, ...],
        missing: tuple[str, ...],
        added: tuple[str, ...],
    ) -> None:
        super().__init__(folder, changed, missing, added)
        self.folder = folder
        self.changed = changed
        self.missing = missing
        self.added = added

    def __str__(self) -> str:
        groups = {"changed": self.changed, "missing": self.missing, "added": self.added}
        parts = "; ".join(f"{what}: {', '.join(names)}" for what, names in groups.items() if names)
        return (
            f"{self.folder} is not what was saved ({parts}). Loading a model runs code: find out"
            " why before you allow it (allow_changed=True, --allow-changed)."
        )


class CodeClashError(ModelenvError):
    """Two files of first-party code would stand at one place."""

    exit_code = 2

    def __init__(self, place: str, first: Path, second: Path) -> None:
        super().__init__(place, first, second)
        self.place = place
        self.first = first
        self.second = second

    def __str__(self) -> str:
        return (
            f"code/{self.place} would be both {self.first} and {self.second}: name only one of them"
            " in code_paths, or give them different import paths"
        )


class BadCodePathError(ModelenvError):
    """A path of first-party code cannot travel."""

    exit_code = 2

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"code_paths: {self.path}: {self.reason}"
