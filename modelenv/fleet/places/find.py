"""Finding the models that words name: folders, globs, lists of them, trees of folders."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...base import arguments
from ...base.addresses import model_uri
from ...base.errors import WrongUseError
from ...base.files.absent import nothing
from ...base.files.bounded import read_bytes
from ...folder.mlmodel import FILE
from .found import FoundModels, SkippedPlace
from .tracking import DATABASE, Elsewhere, elsewhere, is_record

Words = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""One place of models, or several."""

_LIST = "@"
_LARGEST_LIST = 64_000_000
# Folders of a run in a tracking folder: thousands of small files, and never a model.
_NO_ARTIFACTS = frozenset({"metrics", "params", "tags", "inputs", "outputs", "traces"})
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")


def find_models(words: Words) -> FoundModels:
    """Return the models that words name, each once.

    A word is a folder of a model, a folder with models below, a glob, or ``@FILE``: a list of such
    words, one per line; ``@-`` is standard input. Places that are no model are reported with the
    reason. Raises WrongUseError before any search if a word names nothing.
    """
    given = [each for word in _listed(words) for each in _expanded(word)]
    if not given:
        raise WrongUseError("no models are named: name folders, globs, or a list of them (@FILE)")
    search = _Search()
    for place in given:
        search.look(place)
    models = tuple(sorted(search.models.values()))
    return FoundModels(models, tuple(search.skipped), _root({*map(os.path.realpath, given)}))


def _root(places: set[str]) -> str:
    """Return the common folder of all places; on several drives, the places."""
    try:
        return os.path.commonpath(places)
    except ValueError:
        return os.pathsep.join(sorted(places))


def _listed(words: Words) -> Iterator[str]:
    """Yield the words, with each list replaced by its entries."""
    several = [words] if isinstance(words, str | os.PathLike) else [*words]
    for place, each in enumerate(several):
        arguments.path(f"models[{place}]", each)
        word = os.fspath(each)
        if not word.startswith(_LIST) or Path(word).exists():
            yield word
            continue
        yield from _lines_of(word.removeprefix(_LIST))


def _lines_of(name: str) -> Iterator[str]:
    """Yield the lines of a list, without empty ones and comments."""
    if name == "-":
        text = sys.stdin.read()
    else:
        try:
            text = read_bytes(Path(name), largest=_LARGEST_LIST, links=True).decode("utf-8-sig")
        except FileNotFoundError as error:
            raise WrongUseError(f"there is no list {name}") from error
        except UnicodeDecodeError as error:
            raise WrongUseError(f"{name} is no list of places: it is not UTF-8") from error
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


def _expanded(word: str) -> list[str]:
    """Return the places that a word names. Raises WrongUseError if there are none."""
    if model_uri.is_remote(word):
        raise WrongUseError(_not_read(word))
    place = os.fspath(model_uri.local(word))
    if os.path.lexists(place):
        return [place]
    if not glob.has_magic(place):
        raise WrongUseError(f"{place}: {nothing(Path(place))}")
    matched = sorted(glob.glob(place, recursive=True))  # noqa: PTH207  # it may be absolute
    if not matched:
        raise WrongUseError(f"{place}: nothing matches")
    return matched


def _not_read(uri: str) -> str:
    """Return why a URI is not read, and a way out."""
    scheme = uri.partition(":")[0].partition("+")[0].lower()
    if scheme in _DATABASES:
        what = "is a tracking database, which is not read"
        way = "name the folder of its artifacts (`mlruns`, unless you chose another)"
    else:
        what, way = "is no folder of this machine", "download the models first"
    return (
        f"{uri} {what}: {way}; `mlflow artifacts download --artifact-uri models:/NAME/VERSION"
        " --dst-path DIR` downloads one model"
    )


@dataclass
class _Search:
    """The results of a search so far."""

    models: dict[str, Path] = field(default_factory=dict)
    """The models by their real paths, so that a link does not count twice."""
    skipped: list[SkippedPlace] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)

    def look(self, place: str) -> None:
        """Search one named place, and below it."""
        path = Path(place).absolute()
        if path.name == FILE and path.is_file():
            self._add(path.parent)
        elif not path.is_dir():
            self._skip(place, _of_file(path))
        else:
            before = len(self.models), len(self.skipped), os.path.realpath(path) in self.looked
            seen = self._below(path)
            if not seen and before[1] == len(self.skipped) and not before[2]:
                self._skip(place, f"holds no model: no {FILE} stands in it, nor below", grave=True)

    def _below(self, start: Path) -> bool:
        """Find the models in a folder and below; return whether there are any."""
        seen, waiting = False, [str(start)]
        while waiting:
            folder = waiting.pop()
            real = os.path.realpath(folder)
            if real in self.models:
                seen = True
            if real in self.looked:
                continue
            self.looked.add(real)
            try:
                with os.scandir(folder) as entries:
                    inside = {entry.name: entry for entry in entries}
            except OSError as error:
                self._skip(folder, f"cannot be read: {error.strerror}", grave=True)
                continue
            if FILE in inside:
                self._add(Path(folder))
                seen = True
                continue
            if DATABASE in inside:
                self._skip(
                    f"{folder}/{DATABASE}",
                    "is a tracking database, which is not read: of its models those are found"
                    " whose artifacts lie below the folders that are named",
                )
            record = is_record(inside)
            waiting += sorted(
                (entry.path for entry in inside.values() if _leads_on(entry, record=record)),
                reverse=True,
            )
            if record and (beside := elsewhere(Path(folder), inside)) is not None:
                seen = self._follow(Path(folder), beside) or seen
        return seen

    def _follow(self, record: Path, found: Elsewhere) -> bool:
        """Search the place where a record of a tracking folder says that its artifacts are."""
        if found.folder is not None:
            return self._below(found.folder)
        self._skip(str(record), found.reason, grave=found.is_model)
        return False

    def _add(self, folder: Path) -> None:
        self.models.setdefault(os.path.realpath(folder), folder)

    def _skip(self, place: str, reason: str, *, grave: bool = False) -> None:
        self.skipped.append(SkippedPlace(place, reason, grave))


def _leads_on(entry: os.DirEntry[str], *, record: bool) -> bool:
    """Return whether a folder is searched: hidden ones are being written, or are trash.

    A link is followed only if its target is a model itself, so that there are no cycles.
    """
    if entry.name.startswith(".") or (record and entry.name in _NO_ARTIFACTS):
        return False
    try:
        if entry.is_symlink():
            return (Path(entry.path) / FILE).is_file()
        return entry.is_dir()
    except OSError:
        return False


def _of_file(path: Path) -> str:
    """Return why a file is not a model."""
    if path.is_symlink() and not path.exists():
        return "is a link that leads nowhere"
    if path.suffix in (".db", ".sqlite", ".sqlite3"):
        return (
            "is a database, and no folder of a model; of a tracking database name the folder of"
            " its artifacts"
        )
    if path.suffix == ".txt":
        return f"is a file, and no folder of a model; a list of models is named as {_LIST}{path}"
    return "is a file, and no folder of a model"
