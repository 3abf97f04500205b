"""The files of a model folder: what each of them is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ...folder.artifacts import FOLDER as ARTIFACTS
from ...folder.artifacts import INDEX
from ...folder.artifacts import index as artifacts_of
from ...folder.documents.names import CODE, LOADER, LOCK
from ...folder.documents.trace_file import FILE as TRACE
from ...folder.documents.wheels import WHEELS
from ...folder.mlmodel import FILE as MLMODEL
from ...folder.model_folder import ModelFolder
from ...worker.job import WORKING

_CARRIED = (CODE, WORKING)
_MOST_FILES = 10_000
_LARGEST = 400_000  # bytes of a file that is searched for a text
_KNOWN = {
    MLMODEL: "describes the model: format, signature and metadata, which MLflow reads too",
    "requirements.txt": "lists the pins, each with its reason",
    "conda.yaml": "lists the pins for conda",
    "python_env.yaml": "names the Python, and the pins for virtualenv",
    LOCK: "locks the pins by their hashes (PEP 751)",
    TRACE: "is the record of what the prediction touched when the model was saved",
    INDEX: "says which file each artifact is",
    CODE: "holds the model's own code, and what loads the model",
    WORKING: "holds what is copied into the working folder of each run",
    ARTIFACTS: "holds the model's artifacts",
    WHEELS: "holds wheels that travel, for what no index may have",
    f"{CODE}/{LOADER}.py": "loads the model, where neither modelenv nor MLflow is installed",
}


@dataclass(frozen=True, slots=True)
class FolderPart:
    """A file or a subfolder of a model folder."""

    path: str
    """Its path in the folder: ``artifacts/words/words.txt``."""
    what: str
    """What it is, as a verb and its object: ``is the model's own code``."""
    artifact: str = ""
    """The name of the artifact that it is, or is a file of."""

    @property
    def carried(self) -> str:
        """The path that it had in the project, if it was taken along from there; or empty."""
        room, _, below = self.path.partition("/")
        return below if room in _CARRIED and self.path not in _KNOWN else ""

    @property
    def wheel_of(self) -> str:
        """The distribution of a wheel that travels; empty for any other part."""
        room, _, name = self.path.partition("/")
        with suppress(InvalidWheelFilename):
            return str(parse_wheel_filename(name)[0]) if room == WHEELS else ""
        return ""


def part_of(folder: ModelFolder, target: str) -> FolderPart | None:
    """Return the part of a folder that is meant; None if there is none.

    `target` is its path, from the folder or from here; an artifact's name; or the end of the path
    of a file that travels.
    """
    names = _artifact_names(folder)
    path = _inside(folder.path, target)
    if path is None:
        path = next((path for path, name in names.items() if name == target), None)
    if path is None:
        path = next((each for each in _iter_travelling(folder.path) if ends(each, target)), None)
    if path is None:
        return None
    artifact = next((name for at, name in names.items() if f"{path}/".startswith(f"{at}/")), "")
    return FolderPart(path, next(_iter_what(folder, path, artifact)), artifact)


def copies_of(folder: ModelFolder, file: str) -> tuple[str, ...]:
    """Return the copies of a file that travel in a folder, by the path that it had elsewhere."""
    path = file.replace("\\", "/")
    return tuple(
        each
        for each in _iter_travelling(folder.path)
        if each.startswith(tuple(f"{room}/" for room in _CARRIED))
        and path.endswith("/" + each.partition("/")[2])
    )


def iter_naming(folder: ModelFolder, word: str) -> Iterator[str]:
    """Yield the lines of the model's own code that have a word as a text: ``model.py:8``."""
    quoted = re.compile(rf"""(["']){re.escape(word)}\1""")
    script = [folder.mlmodel.data] if folder.mlmodel.data.endswith(".py") else []
    own = (each for each in _iter_travelling(folder.path) if each.startswith(f"{CODE}/"))
    for name in (*script, *(each for each in own if each.endswith(".py"))):
        file = folder.path / name
        if name in _KNOWN or not file.is_file() or file.stat().st_size > _LARGEST:
            continue
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if quoted.search(line):
                yield f"{name}:{number}"


def ends(path: str, target: str) -> bool:
    """Return whether a path is meant by the end of it: a name, or some of the folders too.

    >>> ends("/data/tables/a.csv", "tables/a.csv"), ends("/data/tables/a.csv", "s/a.csv")
    (True, False)
    """
    said = target.replace("\\", "/").removeprefix("./")
    return bool(said) and f"/{path}".replace("\\", "/").endswith(f"/{said}")


def _iter_what(folder: ModelFolder, path: str, artifact: str) -> Iterator[str]:
    """Yield what a part is, the most precise first."""
    said = folder.mlmodel
    known: dict[Any, str] = {
        said.data: f"is the model itself, as {'a script' if path.endswith('.py') else 'a pickle'}",
        said.input.get("file"): "is the input example, on which each proof predicts",
        said.prediction.get("file"): "is the recorded prediction, with which each proof compares",
        **_KNOWN,
    }
    if path in known:
        yield known[path]
    if artifact:
        yield f"is the artifact {artifact!r}: its path is context.artifacts[{artifact!r}]"
    room = path.partition("/")[0]
    if room == CODE and path.endswith(".py"):
        yield "is the model's own code"
    if room in _CARRIED:
        yield "is the model's own, taken along from its project"
    if room == WHEELS:
        yield "is a wheel that travels"
    if folder.path / path in folder.pickles:
        yield "is a pickle that is read when the model is loaded"
    yield "is a file of the model folder"


def _artifact_names(folder: ModelFolder) -> dict[str, str]:
    """Return the name of each artifact by its path in the folder."""
    return {
        Path(path).relative_to(folder.path).as_posix(): name
        for name, path in artifacts_of(folder.path).items()
    }


def _inside(folder: Path, target: str) -> str | None:
    """Return a path in the folder that is there, given from the folder or from here."""
    root = folder.resolve()
    for start in (folder, Path()):
        path = Path(os.path.normpath(start / target)).absolute()
        for base in (folder, root):
            if path != base and path.is_relative_to(base) and path.exists():
                return path.relative_to(base).as_posix()
    return None


def _iter_travelling(folder: Path) -> Iterator[str]:
    """Yield the paths of the files that were taken along, in order, up to a limit."""
    left = _MOST_FILES
    for room in (*_CARRIED, ARTIFACTS, WHEELS):
        for here, below, names in os.walk(folder / room):
            below.sort()
            for name in sorted(names)[:left]:
                left -= 1
                yield Path(here, name).relative_to(folder).as_posix()
