"""The names in a file's pickles, read from their opcodes; nothing is unpickled."""

from __future__ import annotations

import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ..errors import UnreadablePickleError
from .containers import Part, parts_of
from .findings import Findings
from .formats import kinds, skops
from .globals import Global
from .opcodes import MOST_OPCODES, BeyondError, Budget, PickleStream, is_start
from .stack_machine import NO_PICKLE, scan

_TENSOR = re.compile(r"(.*/(?:data|constants|weight|weights))/(?:\w+_)?\d+")
_PICKLED_PARTS = (".pkl", ".pickle", ".npy")
_UNREADABLE = (
    *(*NO_PICKLE, OSError, RecursionError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, tarfile.TarError, struct.error),
)


@dataclass(frozen=True, slots=True)
class Unscanned:
    """Content that may do anything when it is loaded, since it was not scanned."""

    part: str
    """The part of a file, as ``archive/data.pkl``; empty for the whole."""
    size: int
    """The size in bytes; 0 if that is unknown."""
    reason: str


@dataclass(frozen=True, slots=True)
class PickleSurvey:
    """The names in the pickles of a file, and the parts that were not looked into."""

    named: Mapping[str, tuple[Global, ...]] = field(default_factory=dict)
    """The globals of each part that holds pickles, sorted; the part of a plain file is empty."""
    unscanned: tuple[Unscanned, ...] = ()
    texts: int = 0
    """The number of parts that are text and no pickle."""
    arrays: int = 0
    """The number of arrays without objects."""
    opcodes: int = 0
    """The number of opcodes that were read."""


def scan_globals(source: bytes | str | Path) -> tuple[Global, ...]:
    """List the globals that a pickle names, as `module.qualified.name`, sorted.

    `source` is the pickle's bytes or the path of its file: a plain pickle of any protocol, several
    in a row, one of cloudpickle, a joblib file (compressed too), or a zip archive of pickles as
    torch writes it. Pickles inside pickles are read as well. Nothing is executed; each name tells
    by `runs_commands` whether unpickling it is known to run code. Raises UnreadablePickleError
    if the opcodes cannot be read to the end.

    >>> import pickle, collections
    >>> scan_globals(pickle.dumps(collections.Counter("aab")))
    ('collections.Counter',)
    """
    return tuple(sorted(set(_globals(source))))


def scan_modules(source: bytes | str | Path) -> tuple[str, ...]:
    """List the modules that a pickle names, or of which it names globals, sorted.

    >>> import pickle, collections
    >>> scan_modules(pickle.dumps(collections.Counter("aab")))
    ('collections',)
    """
    return tuple(sorted({name.module for name in _globals(source)}))


def survey_pickles(
    file: str | Path, *, seconds: float = 20.0, opcodes: int = MOST_OPCODES
) -> PickleSurvey:
    """Look for pickles in a file, whatever its name, and list the names in each part of it.

    Archives, compressed files and arrays of objects are looked into, and followed as pickles
    themselves. Parts that are broken, of another format, or beyond the limits of `seconds` of CPU
    or `opcodes` are listed as not scanned, with the reason; the names in a broken pickle up to its
    fault are listed. Nothing is executed. Raises OSError if the file cannot be opened.

    >>> import pickle, collections, tempfile
    >>> with tempfile.NamedTemporaryFile(suffix=".dat") as file:
    ...     _ = file.write(pickle.dumps(collections.Counter("aab")))
    ...     file.flush()
    ...     survey_pickles(file.name).named
    {'': ('collections.Counter',)}
    """
    survey = _Survey()
    path = Path(file)
    size = path.stat().st_size
    budget = Budget.within(seconds, opcodes)
    with path.open("rb") as stream:
        try:
            for count, part in enumerate(parts_of(stream, size)):
                if count:
                    budget.check_time()
                survey.look_into(part, budget, path.name)
        except _UNREADABLE as error:
            survey.note("", size, f"it cannot be read to its end: {_told(error)}")
    return survey.finished(opcodes - max(0, budget.opcodes))


@dataclass(slots=True)
class _Survey:
    """The findings in a file so far."""

    named: dict[str, set[Global]] = field(default_factory=dict)
    unscanned: list[Unscanned] = field(default_factory=list)
    texts: int = 0
    arrays: int = 0

    def note(self, part: str, size: int, reason: str) -> None:
        """Note a part that was not looked into."""
        self.unscanned.append(Unscanned(part, size, reason))

    def look_into(self, part: Part, budget: Budget, file: str) -> None:
        """Read the opcodes of a part, if it has any."""
        if part.refused:
            self.note(part.name, part.size, part.refused)
        elif part.is_array:
            self.arrays += 1
        elif part.head and not self._is_of_skops(part):
            self._read(part, budget, part.name or file)

    def _is_of_skops(self, part: Part) -> bool:
        """Note the types in a skops schema and return True; return False for all else."""
        if part.name.rpartition("!")[2] != skops.NAME:
            return False
        try:
            names = skops.names_of_schema(part.stream)
        except (ValueError, RecursionError) as error:
            said = f"skops: names types that loading imports, and cannot be read: {_told(error)}"
            self.note(part.name, part.size, said)
            return True
        part.stream.seek(0)
        if names is not None:
            self.named.setdefault(part.name, set()).update(names)
        return names is not None

    def _read(self, part: Part, budget: Budget, name: str) -> None:
        findings, broken, beyond, rest = Findings(), "", False, None
        try:
            rest = scan(PickleStream(part.stream, budget), findings)
        except BeyondError as error:
            broken, beyond = _told(error), True
        except _UNREADABLE as error:
            broken = _told(error)
        if broken and not findings.has_effect():
            if part.is_container and not beyond:
                return
            if not beyond and not is_start(part.head):
                self._note_other(part, name)
                return
        if part.is_container and not beyond and not findings.has_effect():
            return
        self.named.setdefault(part.name, set()).update(findings.names)
        reasons = [*dict.fromkeys(findings.unfollowed), *dict.fromkeys(findings.omitted)]
        reasons += [_unfinished(broken, beyond=beyond)] if broken else []
        if rest is not None and not _is_of_torch(findings):
            reasons.append(f"what follows its pickle from byte {rest:,} on is none")
        for reason in reasons:
            self.note(part.name, part.size, reason)

    def _note_other(self, part: Part, name: str) -> None:
        if kinds.is_other_text(part.head, name):
            self.texts += 1
        else:
            self.note(part.name, part.size, kinds.unscanned(part.head, name))

    def finished(self, opcodes: int) -> PickleSurvey:
        """Return the survey; the data of torch's tensors lies beside their pickle."""
        others = [each for each in self.unscanned if not self._is_tensor(each)]
        arrays = self.arrays + len(self.unscanned) - len(others)
        named = {part: tuple(sorted(names)) for part, names in sorted(self.named.items())}
        return PickleSurvey(named, tuple(others), self.texts, arrays, opcodes)

    def _is_tensor(self, one: Unscanned) -> bool:
        found = _TENSOR.fullmatch(one.part)
        return found is not None and f"{found[1]}.pkl" in self.named


def _is_of_torch(findings: Findings) -> bool:
    """Return whether tensor data follows the pickle, as torch writes it."""
    return any(name.module.partition(".")[0] == "torch" for name in findings.names)


def _unfinished(why: str, *, beyond: bool) -> str:
    return f"not read to its end: {why}" if beyond else f"its pickle is broken: {why}"


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _globals(source: bytes | str | Path) -> Iterator[Global]:
    label = "<bytes>" if isinstance(source, bytes) else str(source)
    where = label
    findings = Findings()
    try:
        with _opened(source) as (stream, size):
            budget = Budget.of(size)
            for part in parts_of(stream, size):
                where = f"{label}!{part.name}" if part.name else label
                if part.refused:
                    raise ValueError(part.refused)
                if part.is_container:
                    _follow_container(part, budget, findings)
                elif not part.is_array and (not part.name or part.name.endswith(_PICKLED_PARTS)):
                    scan(PickleStream(part.stream, budget), findings)
        if findings.unfollowed:
            raise ValueError(findings.unfollowed[0])
    except _UNREADABLE as error:
        raise UnreadablePickleError(where, _told(error)) from error
    yield from findings.names


def _follow_container(part: Part, budget: Budget, findings: Findings) -> None:
    """Add the names in a container that is a pickle, too."""
    found = Findings()
    try:
        scan(PickleStream(part.stream, budget), found)
    except BeyondError:
        raise
    except _UNREADABLE:
        pass
    if found.has_effect():
        findings.absorb(found)


@contextmanager
def _opened(source: bytes | str | Path) -> Iterator[tuple[IO[bytes], int]]:
    if isinstance(source, bytes):
        yield io.BytesIO(source), len(source)
        return
    path = Path(source)
    with path.open("rb") as stream:
        yield stream, path.stat().st_size
