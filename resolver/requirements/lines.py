"""What the user says: requirement strings and requirements files, each line with its address."""

from __future__ import annotations

import codecs
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from ..errors import InvalidLine, RequirementsError
from .options import Option, OptionError, parse_options, split_options
from .references import hide_logins
from .unnamed import is_unnamed, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263
_NAME_IT = "nothing says which distribution it is: write name @ https://... or name @ file:///..."
_REMOTE = ("http://", "https://", "ftp://")
_TELLING = 3  # a value that is no longer says nothing
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
    """What stands there, without its comment; a login that it holds is not told."""

    @property
    def place(self) -> str:
        """Name the place without what stands there."""
        if self.file is not None:
            return self.file if self.line is None else f"{self.file}:{self.line}"
        return self.layer if self.line is None else f"{self.layer}[{self.line}]"

    def __str__(self) -> str:
        return f"{self.place}: {hide_logins(self.text)}" if self.text else self.place


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one requirement and where it was asked for."""

    requirement: Requirement
    origin: Origin
    hashes: tuple[str, ...] = ()
    """What its files may hash to, as "sha256:...": `--hash`."""
    editable: bool = False
    """Whether it was asked for with `-e`."""
    written: str = ""
    """As it stands there, with the names of its variables; empty where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Hold what one input said: requirements, constraints named with `-c`, and pip's options."""

    requirements: tuple[Line, ...] = ()
    constraints: tuple[Line, ...] = ()
    options: tuple[Option, ...] = ()
    """How pip finds files: `--extra-index-url`, `--find-links`, `--no-binary`, `--pre`, ..."""

    def __or__(self, other: Lines) -> Lines:
        """Return the lines of both."""
        return Lines(
            self.requirements + other.requirements,
            self.constraints + other.constraints,
            self.options + other.options,
        )


def read(
    entries: str | os.PathLike[str] | Iterable[str] | Lines | None,
    *,
    layer: str,
    constraint: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Lines:
    """Read requirement strings, or a requirements file when `entries` is a path.

    A line means what it means to pip, options and `-e` too. A list may hold `-r FILE` and
    `-c FILE`, relative to the working directory; inside a file they are relative to that file.
    With `constraint` every line is one, as in a file named with `-c`. `${NAME}` stands for a
    variable of `environment`, and for itself where that has none. What was read before stays as it
    is, under the name of its own layer.
    Raises `RequirementsError`, which holds all the faults of this input.

    >>> read(["numpy >= 1.26  # because"], layer="pip_requirements").requirements[0].origin.text
    'numpy >= 1.26'
    """
    if isinstance(entries, Lines):
        return entries
    reader = _Reader(layer, environment or {})
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
    return Lines(tuple(reader.requirements), tuple(reader.constraints), tuple(reader.options))


@dataclass(slots=True)
class _Reader:
    """Gather the lines and the faults of one input."""

    layer: str
    environment: Mapping[str, str]
    requirements: list[Line] = field(default_factory=list)
    constraints: list[Line] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    faults: list[InvalidLine] = field(default_factory=list)
    used: dict[str, str] = field(default_factory=dict)
    """Values of variables that stood somewhere, which may be secrets, and what stands for them."""

    def fault(self, origin: Origin, reason: str) -> None:
        for value, variable in self.used.items():
            reason = reason.replace(value, variable)
        self.faults.append(InvalidLine(str(origin), hide_logins(reason)))

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
            place = "" if asked.text == path else f"{path}: "  # told already
            self.fault(asked, f"{place}{error.strerror or error}{hint}")
            return
        except LookupError as error:
            self.fault(asked, f"{path}: {error}")
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
        text = self._expand(origin.text)
        requirement, behind = split_options(text)
        try:
            options = list(parse_options(behind, of_one=bool(requirement)))
        except OptionError as error:
            self.fault(origin, str(error))
            return
        written = self._as_written(origin.text)
        if requirement:
            hashes = tuple(value for name, value in options if name == "--hash")
            stands, _ = split_options(origin.text)
            self._read_requirement(
                requirement, origin, constraint=constraint, hashes=hashes, stands=stands
            )
        for name, value in () if requirement else options:
            if name in {"--requirement", "--constraint"}:
                narrows = constraint or name == "--constraint"
                self._read_nested(value, origin, folder, constraint=narrows, opened=opened)
            elif name == "--editable":
                stands = written.get((name, value), "")
                self._read_requirement(
                    value, origin, constraint=constraint, editable=True, stands=stands
                )
            else:
                stated = _located(name, value, folder)
                told = written.get((name, value), "")
                self.options.append(Option(name, stated, origin, told))

    def _expand(self, text: str) -> str:
        return _VARIABLE.sub(self._value, text)

    def _value(self, variable: re.Match[str]) -> str:
        value = self.environment.get(variable[1])
        if not value:
            return variable[0]
        if len(value) > _TELLING:
            self.used[value] = variable[0]
        return value

    def _as_written(self, text: str) -> dict[tuple[str, str], str]:
        """Map the options of a line, as they count, to how they stand there."""
        with suppress(OptionError):
            options = parse_options(split_options(text)[1], of_one=False)
            return {(name, self._expand(value)): value for name, value in options}
        return {}

    def _read_nested(
        self, path: str, origin: Origin, folder: str, *, constraint: bool, opened: tuple[str, ...]
    ) -> None:
        if path.startswith(_REMOTE):
            self.fault(origin, "a requirements file on the network is not read; download it")
            return
        joined = os.path.join(folder, path)  # noqa: PTH118  # keeps the user's spelling
        self.read_file(joined, origin, constraint=constraint, opened=opened)

    def _read_requirement(
        self,
        text: str,
        origin: Origin,
        *,
        constraint: bool,
        stands: str,
        hashes: tuple[str, ...] = (),
        editable: bool = False,
    ) -> None:
        if editable or is_unnamed(text):
            # In a file pip takes a path as relative to where it runs, not to the file.
            full = named(text, "")
            if full is None:
                self.fault(origin, _NAME_IT)
                return
            stands = full if text == stands else named(stands, "") or ""
            text = full
        try:
            requirement = _parsed(text)
        except InvalidRequirement as error:
            self.fault(origin, str(error))
            return
        complaint = _complaint(requirement, editable=editable) if constraint else None
        if complaint:
            self.fault(origin, complaint)
            return
        written = str(requirement) if text == stands else _respelled(stands)
        line = Line(requirement, origin, hashes, editable, written)
        (self.constraints if constraint else self.requirements).append(line)


def _parsed(text: str) -> Requirement:
    """Read a requirement; its marker may be empty, and stand behind a URL without a space (pip)."""
    requirement = Requirement(text.rstrip().removesuffix(";"))
    url, semicolon, marker = (requirement.url or "").partition(";")
    if semicolon:
        with suppress(InvalidMarker):
            requirement.marker = Marker(marker)
            requirement.url = url
    return requirement


def _respelled(text: str) -> str:
    """Write a requirement as it is written where nothing stands for something else."""
    with suppress(InvalidRequirement):
        return str(_parsed(text))
    return ""


def _complaint(constraint: Requirement, *, editable: bool) -> str | None:
    if editable:
        return "a constraint narrows versions and cannot be editable"
    if constraint.extras:
        return "a constraint narrows versions and cannot have extras"
    return None


def _located(name: str, value: str, folder: str) -> str:
    """Write a folder of files as seen from here where it stands beside the file that names it."""
    beside = os.path.join(folder, value)  # noqa: PTH118  # keeps the user's spelling
    return beside if name == "--find-links" and os.path.exists(beside) else value  # noqa: PTH110


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding).removeprefix("\ufeff")
    for line in data.split(b"\n")[:2]:
        coding = _CODING.match(line)
        if coding is not None:
            return data.decode(coding[1].decode("ascii"))
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
