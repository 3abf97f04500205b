"""The selection of a list and its content: lines in pip's form, and their conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..errors import Fault, FaultList, InvalidFile, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from ..requirements.content import Condition
    from ..requirements.reader import LocatedLine


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen extras and groups of a project or its lock, added to its own dependencies.

    Their names are normalised (PEP 685, PEP 735).

    >>> Selection(extras=("GPU",)).extras
    ('gpu',)
    """

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "extras", _normalised(self.extras))
        object.__setattr__(self, "groups", _normalised(self.groups))

    def __bool__(self) -> bool:
        return bool(self.extras or self.groups)

    def __str__(self) -> str:
        """Return it in words: `extra gpu and group serve`."""
        kinds = (("extra", self.extras), ("group", self.groups))
        return " and ".join(f"{kind} {name}" for kind, names in kinds for name in names)

    def check(
        self, place: Location, *, extras: Iterable[str] = (), groups: Iterable[str] = ()
    ) -> None:
        """Raise InvalidFile unless a list has the chosen extras and groups."""
        known = (("extra", self.extras, extras), ("group", self.groups, groups))
        faults = [
            Fault(place, f"has no {kind} {name}: {_among(kind, there)}")
            for kind, asked, names in known
            for there in [_normalised(names)]
            for name in asked
            if name not in there
        ]
        if faults:
            raise InvalidFile(faults)


if TYPE_CHECKING:
    Export: TypeAlias = Callable[[Path, str, Selection], str | None]
    """Returns a lock of a form as pip's lines, by its own tool; None if that is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContent:
    """The content of a list in another form."""

    lines: tuple[LocatedLine, ...] = ()
    constraints: tuple[LocatedLine, ...] = ()
    """Constraints: they narrow other lines and add none."""
    conditions: tuple[Condition, ...] = ()
    untold: tuple[Fault, ...] = ()
    """Parts of it that have no effect here."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list on disk: its path and its text, and what is chosen of it."""

    path: str
    """The path as errors name it."""
    text: str
    selection: Selection = field(default_factory=Selection)
    narrows: bool = False
    """Whether its lines are constraints: all of its packages are then used."""

    def at(self, key: str = "", literal: str = "") -> Location:
        """Return the place of a key; its line if `literal` occurs once in the whole text.

        TOML has two kinds of quotes.
        """
        spelled = [each for each in (literal, literal.replace('"', "'")) if each in self.text]
        found = dict.fromkeys(spelled) if literal else {}
        line = None
        if len(found) == 1 and self.text.count(spelled[0]) == 1:
            line = self.text.count("\n", 0, self.text.index(spelled[0])) + 1
        return Location(self.path, line, key)

    def texts(self, key: str, listed: object, faults: FaultList) -> Iterator[tuple[Location, str]]:
        """Yield the requirements of a list with their places; other items are noted as faults."""
        if not isinstance(listed, list):
            faults.add(self.at(key), "is no list of requirements")
            return
        for index, text in enumerate(listed):
            place = self.at(f"{key}[{index}]", f'"{text}"')
            if isinstance(text, str):
                yield place, text.strip()
            else:
                faults.add(place, f"a requirement is a string, this is {type(text).__name__}")


def _normalised(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(canonicalize_name, names)))


def _among(kind: str, names: tuple[str, ...]) -> str:
    return f"it has {', '.join(sorted(names))}" if names else f"it has no {kind}s"


NOTHING_MORE = Selection()
"""The selection without extras and groups."""
