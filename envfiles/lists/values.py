"""What is meant of a list, and what it says: lines as pip has them, and where they hold."""

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
    """Which extras and groups of a project or of its lock are meant besides what it always needs.

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
        """Return it as it is asked for: `extra gpu and group serve`."""
        kinds = (("extra", self.extras), ("group", self.groups))
        return " and ".join(f"{kind} {name}" for kind, names in kinds for name in names)

    def check(
        self, place: Location, *, extras: Iterable[str] = (), groups: Iterable[str] = ()
    ) -> None:
        """Raise InvalidFile unless a list has what is asked for among its extras and groups."""
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
    """Returns a lock of a form as pip's lines, by its own tool; None where that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContent:
    """What a list in another form says."""

    lines: tuple[LocatedLine, ...] = ()
    constraints: tuple[LocatedLine, ...] = ()
    """What narrows these lines and adds none."""
    conditions: tuple[Condition, ...] = ()
    untold: tuple[Fault, ...] = ()
    """What it says that is not heeded."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list as it lies on the disk: its path and its text, and what of it is meant."""

    path: str
    """As it is named in errors."""
    text: str
    selection: Selection = field(default_factory=Selection)
    narrows: bool = False
    """Whether its lines are constraints: all that it knows is meant then."""

    def at(self, key: str = "", literal: str = "") -> Location:
        """Return the place of a key; its line where `literal` stands once in the whole text.

        TOML has two kinds of quotes.
        """
        spelled = [each for each in (literal, literal.replace('"', "'")) if each in self.text]
        found = dict.fromkeys(spelled) if literal else {}
        line = None
        if len(found) == 1 and self.text.count(spelled[0]) == 1:
            line = self.text.count("\n", 0, self.text.index(spelled[0])) + 1
        return Location(self.path, line, key)

    def texts(self, key: str, listed: object, faults: FaultList) -> Iterator[tuple[Location, str]]:
        """Yield the requirements of a list with their places; what is none is noted."""
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
"""What a list always needs, and nothing besides."""
