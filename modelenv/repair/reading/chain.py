"""The exceptions in lines of text, with their frames, in each of the usual forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...base.telling.frames import is_of_user
from .layouts import has_head, is_head, joins

# How a frame begins: Python and loguru, IPython's files and cells, rich, pytest.
_FRAMES = tuple(
    map(
        re.compile,
        (
            r'(?:  |> )File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?',
            r"File (?P<file>[^\"\n]+?):(?P<line>\d+)(?:, in (?P<function>[^(\n]+))?",
            r"(?P<file>Cell In ?\[\d+\]), line (?P<line>\d+)(?P<function>)$",
            r"(?P<file>[^\s:][^:\n]*|[A-Za-z]:[^:\n]+):(?P<line>\d+):? in (?P<function>\S+)$",
        ),
    )
)
# The line of code that is marked among others: by rich, by IPython.
_MARKED = re.compile(r"\s*(?:❱|-+>) +\d+ (?P<code>.*)")
_MARKERS = re.compile(r"[\s~^]+")
_LAST = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(:(?: (?P<message>.*))?)?")
_ENDINGS = ("Error", "Exception", "Warning", "Interrupt", "Exit", "Found", "Iteration")
# An exception anywhere in a line; a warning ends nothing.
_WITHIN = re.compile(
    r"(?<![\w.'\"])(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|NotFound))"
    r": (?P<message>\S.*)"
)
_BY_PYTEST = "E   "
_MOST_LINES = 40
_MOST_FRAMES = 200
_MOST_QUOTED = 10
_MOST_OF_A_SENTENCE = 8


@dataclass(frozen=True, slots=True)
class CodeFrame:
    """One line of a traceback."""

    file: str
    line: int
    function: str
    code: str

    @property
    def place(self) -> str:
        """Its place: ``sklearn/base.py:20``, relative to site-packages if it lies there."""
        file = self.file.replace("\\", "/")
        for folder in ("/site-packages/", "/dist-packages/", "/code/"):
            file = file.rpartition(folder)[2]
        return f"{file}:{self.line}"

    @property
    def module(self) -> str:
        """The module that it is in: ``sklearn.base``."""
        file = self.place.rpartition(":")[0]
        return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of a chain."""

    type: str
    """Its class, without the module; empty for a sentence that names none."""
    message: str
    frames: tuple[CodeFrame, ...]

    def __str__(self) -> str:
        """Return its last line."""
        first = self.message.split("\n", 1)[0]
        return ": ".join(filter(None, (self.type, first)))

    @property
    def own_line(self) -> tuple[str, ...]:
        """The innermost line of code that is neither Python's nor a library's; empty: none is."""
        own = [frame for frame in self.frames if is_of_user(frame.file)]
        return tuple(f"{frame.place}: {frame.code}" for frame in own[-1:])

    @property
    def evidence(self) -> tuple[str, ...]:
        """Its last line, and the line of code that raised it, if a frame is not Python's own."""
        outside = [frame for frame in self.frames if not frame.file.startswith("<frozen")]
        return (str(self), *(f"{frame.place}: {frame.code}" for frame in outside[-1:]))


def read_chain(lines: Sequence[str]) -> tuple[Raised, ...]:
    """Return the exceptions of a block of tracebacks, the first cause first."""
    chain: list[Raised] = []
    frames: list[CodeFrame] = []
    for place, line in enumerate(lines):
        frame = _frame(line, lines[place + 1 : place + 1 + _MOST_LINES])
        if is_head(line):
            frames = []
        elif frame is not None:
            frames.append(frame)
        elif frames and (last := read_last(line)) is not None:
            message = [last.message, *_further(lines, place + 1)]
            near = tuple(frames[-_MOST_FRAMES:])
            chain.append(Raised(last.type, "\n".join(message).rstrip(), near))
            frames = []
    return tuple(chain)


def read_loose(lines: Sequence[str]) -> tuple[Raised, ...]:
    """Return the exceptions that lines without a traceback end with, the first cause first.

    Of a few lines that name no exception at all, what they say is one without a type.
    """
    own = [line.removeprefix(_BY_PYTEST) for line in lines if line.startswith(_BY_PYTEST)]
    kept = [line for line in lines if line.startswith(_BY_PYTEST) or joins(line)] if own else lines
    found = [(place, _WITHIN.search(line)) for place, line in enumerate(kept)]
    places = [(place, match) for place, match in found if match is not None]
    chain: list[Raised] = []
    for index in range(len(places) - 1, -1, -1):
        place, match = places[index]
        chain[:0] = _nested(match, _further(kept, place + 1))
        if index and not any(map(joins, kept[places[index - 1][0] : place])):
            break
    return tuple(chain) or _sentence(lines)


def start_of_last(lines: Sequence[str]) -> int:
    """Return the number of the line with which the last failure begins, at the earliest.

    That is after the exception that the one before it ended with, if the two are not joined. An
    exception without a traceback is a failure of its own unless the line before introduces it.
    """
    start = end = 0
    is_open = is_joined = False
    for place, line in enumerate(lines):
        if joins(line):
            is_joined = True
        elif has_head(line):
            start = start if is_joined else end
            is_open, is_joined = True, False
        elif is_open and read_last(line) is not None:
            end, is_open = place + 1, False
        elif end and not (is_open or is_joined) and _stands_alone(lines, place, end):
            start, end = place, place + 1
    return start


def _stands_alone(lines: Sequence[str], place: int, end: int) -> bool:
    """Return whether a line is a different exception from the one that ended, and no quotation."""
    is_one = lines[place] != lines[end - 1] and _WITHIN.match(lines[place]) is not None
    return is_one and not lines[place - 1].rstrip().endswith(":")


def read_last(line: str) -> Raised | None:
    """Return the exception that the last line of a traceback names; None: it is no such line."""
    found = _LAST.fullmatch(line.strip())
    if found is None or line[:1].isspace():
        return None
    name = found["type"].rpartition(".")[2]
    if not name.endswith(_ENDINGS) and not (found["message"] and "." in found["type"]):
        return None
    return Raised(name, found["message"] or "", ())


def _frame(line: str, after: Sequence[str]) -> CodeFrame | None:
    found = next(filter(None, (pattern.match(line) for pattern in _FRAMES)), None)
    if found is None:
        return None
    function = (found["function"] or "<module>").strip()
    return CodeFrame(found["file"], int(found["line"]), function, _code(after))


def _code(after: Sequence[str]) -> str:
    """Return the line of code of a frame, from the lines that follow its first one."""
    for line in after:
        marked = _MARKED.match(line)
        if marked is not None:
            return marked["code"].replace("│", " ").strip()
        if is_head(line) or any(pattern.match(line) for pattern in _FRAMES):
            break
    first = next(iter(after), "")
    return first.strip() if first.startswith("    ") and not _MARKERS.fullmatch(first) else ""


def _further(lines: Sequence[str], start: int) -> list[str]:
    """Return the further lines of a message, up to what cannot be part of it."""
    found: list[str] = []
    for line in lines[start : start + _MOST_LINES]:
        if is_head(line) or joins(line):
            break
        found.append(line)
    return found


def _nested(match: re.Match[str], further: Sequence[str]) -> list[Raised]:
    """Return an exception, after those that its message quotes: each is a cause of the former."""
    found: list[Raised] = []
    inner: re.Match[str] | None = match
    while inner is not None and len(found) < _MOST_QUOTED:
        message = "\n".join([inner["message"], *further]).rstrip()
        found.append(Raised(inner["type"].rpartition(".")[2], message, ()))
        inner = _WITHIN.search(inner["message"])
    return found[::-1]


def _sentence(lines: Sequence[str]) -> tuple[Raised, ...]:
    said = [line.strip() for line in lines if line.strip()]
    if not said or len(said) > _MOST_OF_A_SENTENCE:
        return ()
    return (Raised("", "\n".join(said), ()),)
