"""What the user says: requirement strings and requirements files, each line with its address."""

from __future__ import annotations

import codecs
import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from .errors import Fault, RequirementsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COMMENT = re.compile(r"(^|\s+)#.*$")
_NESTED = re.compile(
    r"(?:-(?P<short>[rc])|--(?P<long>requirement|constraint)(?=[\s=]))(?P<rest>.*)", re.DOTALL
)
_OPTION_AFTER = re.compile(r"\s(--?[A-Za-z][\w-]*)")
_UNNAMED = re.compile(r"^(\.{0,2}/|[A-Za-z][\w+.-]*://|file:|git\+)|\.(whl|zip|tar\.gz)$|\\")
_NAME_IT = "a path or URL needs its distribution's name: name @ https://... or name @ file:///..."
# The longest mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Say where a line stands: a file and its line, or an argument and the index in it.

    >>> str(Origin("extra_pip_requirements", line=0, text="numpy<2"))
    'extra_pip_requirements[0]: numpy<2'
    """

    layer: str
    """The argument through which the line came, "traced" for what the trace saw."""

    file: str | None = None
    """The requirements file, as the user spelled it."""

    line: int | None = None
    """The line in the file, from 1; without a file the index in the list, from 0."""

    text: str = ""
    """What stands there, without its comment."""

    @property
    def place(self) -> str:
        """Name the place without what stands there."""
        if self.file is not None:
            return self.file if self.line is None else f"{self.file}:{self.line}"
        return self.layer if self.line is None else f"{self.layer}[{self.line}]"

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.text else self.place


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one requirement and where it was asked for."""

    requirement: Requirement
    origin: Origin


@dataclass(frozen=True, slots=True)
class Lines:
    """Hold what one input said: requirements, and constraints named with `-c`."""

    requirements: tuple[Line, ...] = ()
    constraints: tuple[Line, ...] = ()


def read(
    entries: str | os.PathLike[str] | Iterable[str] | None,
    *,
    layer: str,
    constraint: bool = False,
) -> Lines:
    """Read requirement strings, or a requirements file when `entries` is a path.

    A list may hold `-r FILE` and `-c FILE`, relative to the working directory; inside a file they
    are relative to that file. With `constraint` every line is one, as in a file named with `-c`.
    Raises `RequirementsError`, which holds all the faults of this input.

    >>> read(["numpy >= 1.26  # because"], layer="pip_requirements").requirements[0].origin.text
    'numpy >= 1.26'
    """
    reader = _Reader(layer)
    if isinstance(entries, str | os.PathLike):
        path = os.fspath(entries)
        reader.read_file(path, Origin(layer, text=path), constraint=constraint, opened=())
    else:
        for index, entry in enumerate(entries or ()):
            origin = Origin(layer, line=index, text=_COMMENT.sub("", str(entry)).strip())
            if isinstance(entry, str):
                reader.read_line(origin, folder="", constraint=constraint, opened=())
            else:
                reader.fault(origin, f"a requirement is a string, this is {type(entry).__name__}")
    if reader.faults:
        raise RequirementsError(tuple(reader.faults))
    return Lines(tuple(reader.requirements), tuple(reader.constraints))


@dataclass(slots=True)
class _Reader:
    """Gather the lines and the faults of one input."""

    layer: str
    requirements: list[Line] = field(default_factory=list)
    constraints: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, origin: Origin, reason: str) -> None:
        self.faults.append(Fault(str(origin), reason))

    def read_file(
        self, path: str, asked: Origin, *, constraint: bool, opened: tuple[str, ...]
    ) -> None:
        """Read one file; `opened` are the files whose `-r` led here, to see a circle."""
        real = os.path.realpath(path)
        if real in opened:
            circle = [os.path.relpath(each) for each in (*opened[opened.index(real) :], real)]
            self.fault(asked, f"the files include each other: {' -> '.join(circle)}")
            return
        try:
            text = _decode(Path(path).read_bytes())
        except OSError as error:
            hint = "" if asked.file or asked.line is not None else "; give requirements as a list"
            self.fault(asked, f"{path}: {error.strerror or error}{hint}")
            return
        except UnicodeDecodeError as error:
            self.fault(asked, f"{path}: not {error.encoding} text ({error.reason})")
            return
        for number, line in _logical_lines(text):
            origin = Origin(self.layer, path, number, line)
            folder = os.path.dirname(path)  # noqa: PTH120  # keeps the user's spelling
            self.read_line(origin, folder=folder, constraint=constraint, opened=(*opened, real))

    def read_line(
        self, origin: Origin, *, folder: str, constraint: bool, opened: tuple[str, ...]
    ) -> None:
        text = origin.text
        nested = _NESTED.fullmatch(text)
        if not text:
            return
        if nested:
            constraint = constraint or nested["short"] == "c" or nested["long"] == "constraint"
            path = self._nested_path(nested["rest"], origin)
            if path is not None:
                joined = os.path.join(folder, path)  # noqa: PTH118  # keeps the user's spelling
                self.read_file(joined, origin, constraint=constraint, opened=opened)
        elif text.startswith("-"):
            option = re.split(r"[\s=]", text, maxsplit=1)[0]
            self.fault(origin, f"the option {option} is not supported yet in requirements")
        else:
            self._read_requirement(origin, constraint=constraint)

    def _nested_path(self, rest: str, origin: Origin) -> str | None:
        try:
            # Without posix a backslash is a backslash, as Windows paths need.
            words = shlex.split(rest.strip().removeprefix("="), posix=os.sep == "/")
        except ValueError as error:
            self.fault(origin, f"{error}")
            return None
        if len(words) != 1:
            self.fault(origin, "one file name must follow")
            return None
        if "://" in words[0]:
            self.fault(origin, "a requirements file on the network is not supported; download it")
            return None
        return words[0]

    def _read_requirement(self, origin: Origin, *, constraint: bool) -> None:
        try:
            requirement = Requirement(origin.text)
        except InvalidRequirement as error:
            self.fault(origin, _reason(origin.text, error))
            return
        complaint = _complaint(requirement, constraint=constraint)
        if complaint:
            self.fault(origin, complaint)
        elif constraint:
            self.constraints.append(Line(requirement, origin))
        else:
            self.requirements.append(Line(requirement, origin))


def _complaint(requirement: Requirement, *, constraint: bool) -> str | None:
    if constraint and requirement.extras:
        return "a constraint narrows versions and cannot have extras"
    if constraint and requirement.url:
        return "a constraint narrows versions and cannot be a URL"
    # The grammar of names admits the name of a file.
    return _NAME_IT if _UNNAMED.search(requirement.name) else None


def _reason(text: str, error: InvalidRequirement) -> str:
    option = _OPTION_AFTER.search(text)
    if option:
        return f"the option {option[1]} is not supported yet in requirements"
    if _UNNAMED.search(text.partition(";")[0].strip()):
        return _NAME_IT
    return str(error)


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding).removeprefix("\ufeff")
    return data.decode("utf-8")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""Join lines that end in `\`, drop comments; yield each with the number of its first line.

    As pip does it: a comment line ends what was being continued.
    """
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), 1):
        is_comment = line.lstrip().startswith("#")
        start = start if parts else number
        if line.endswith("\\") and not is_comment:
            parts.append(line[:-1])
            continue
        if not is_comment:
            parts.append(line)
        yield start, _COMMENT.sub("", "".join(parts)).strip()
        parts = []
    if parts:
        yield start, _COMMENT.sub("", "".join(parts)).strip()
