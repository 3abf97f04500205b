"""The environment as one value: what the files say, free of their formats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .conda.match_spec import parse_match_spec
from .credentials import notes, protect
from .errors import FaultList, InvalidEntry, InvalidSpec, Location
from .requirements.options import join_options, spell_option
from .requirements.requirement import normalise, spell_constraint
from .requirements.unnamed import spell_unnamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .lock.values import Lock
    from .requirements.entry import Entry

_PYTHON = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?((a|b|rc)[0-9]{1,4})?")
_NO_PYTHON = "is no version of Python: write one like 3.11.7"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvSpec:
    """An environment: the interpreter, its pins, and what surrounds them.

    Requirements are sorted by name and constraints by their text, so equal environments are equal
    values. Raises InvalidSpec with all faults, each with its field.

    >>> from envfiles import Entry
    >>> entries = Entry("pandas==3.1.1"), Entry("numpy==2.4.6")
    >>> [each.name for each in EnvSpec(python="3.11.7", requirements=entries).requirements]
    ['numpy', 'pandas']
    """

    python: str
    requirements: tuple[Entry, ...]
    constraints: tuple[str, ...] = ()
    """Limits on the requirements; written to constraints.txt, without extras as pip wants it."""
    build_dependencies: tuple[str, ...] = ("pip", "setuptools", "wheel")
    name: str = "modelenv-env"
    channels: tuple[str, ...] = ("conda-forge",)
    conda_dependencies: tuple[str, ...] = ()
    """Dependencies that conda installs, without python and pip, in conda's own grammar."""
    options: tuple[str, ...] = ()
    """Options that tell pip where to find files, a line each: `--extra-index-url URL`."""
    unnamed: tuple[str, ...] = ()
    """Requirements that pip installs without a name: `-e ./here`, a path, a URL."""
    lock: Lock | None = None
    """The files of every distribution, if they are known."""

    def __post_init__(self) -> None:
        faults = FaultList()
        if not is_python_version(self.python):
            faults.add(Location(key="python"), f"{self.python!r} {_NO_PYTHON}")
        with faults.at(Location(key="name")):
            check_word(self.name)
        _check_distinct(self.requirements, faults)
        for name, spelled in _SPELLED.items():
            texts: Iterable[str] = getattr(self, name)
            located = ((Location(key=f"{name}[{index}]"), text) for index, text in enumerate(texts))
            object.__setattr__(self, name, tuple(faults.collect(located, spelled)))
        faults.check(InvalidSpec)
        entries = sorted(self.requirements, key=lambda entry: (entry.name, entry.requirement))
        others = (each for each in self.conda_dependencies if each != "pip")
        object.__setattr__(self, "requirements", tuple(entries))
        object.__setattr__(self, "constraints", tuple(sorted(set(self.constraints))))
        object.__setattr__(self, "conda_dependencies", tuple(others))
        object.__setattr__(self, "options", join_options(self.options))
        object.__setattr__(self, "unnamed", tuple(sorted(set(self.unnamed))))

    def __repr__(self) -> str:
        """Return the Python and the number of requirements, in brackets."""
        return f"<EnvSpec of Python {self.python}, {len(self.requirements)} requirements>"

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what has to be set before the files can be used: credentials are in none."""
        texts = (*(entry.requirement for entry in self.requirements), *self.options)
        return notes((*texts, *self.unnamed, *self.channels, *self.conda_dependencies))


def is_python_version(text: str) -> bool:
    """Return whether a text names one version of Python, with or without its last number.

    >>> is_python_version("3.11.7"), is_python_version(">=3.11")
    (True, False)
    """
    return _PYTHON.fullmatch(text) is not None


def conda_name(dependency: str) -> str | None:
    """Return the package that a conda dependency names, lower-cased; None if it names none.

    >>> conda_name("conda-forge::NumPy=1.26")
    'numpy'
    """
    try:
        return parse_match_spec(dependency).name
    except InvalidEntry:
        return None


def check_word(text: str) -> str:
    """Return a text that can name an environment or a channel; raises InvalidEntry."""
    if not text or not text.isprintable() or text != text.strip():
        raise InvalidEntry(text, "is no name: write one line of visible characters")
    return text


def check_conda(text: str) -> str:
    """Return a text that can stand among the conda dependencies; raises InvalidEntry."""
    if not text.isprintable():
        raise InvalidEntry(text, "is no conda dependency: write one like libgomp=14")
    if parse_match_spec(text).name == "python":
        raise InvalidEntry(text, "the interpreter stands in `python` alone: take it out here")
    return text.strip()


def _check_distinct(entries: Iterable[Entry], faults: FaultList) -> None:
    seen: dict[tuple[str, str], tuple[int, Entry]] = {}
    for index, entry in enumerate(entries):
        first, other = seen.setdefault(entry.key, (index, entry))
        if first != index:
            where = f"{other.requirement!r} in requirements[{first}]"
            reason = f"{entry.requirement!r} names {entry.name} again, after {where}: keep one"
            faults.add(Location(key=f"requirements[{index}]"), reason)


_SPELLED: Mapping[str, Callable[[str], str]] = {
    "constraints": spell_constraint,
    "build_dependencies": normalise,
    "channels": lambda text: protect(check_word(text), [text]),
    "conda_dependencies": lambda text: protect(check_conda(text), [text]),
    "options": spell_option,
    "unnamed": spell_unnamed,
}
"""The fields that hold texts, and how each of these is checked and spelled."""
