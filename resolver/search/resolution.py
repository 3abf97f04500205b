"""The result: the pins, the reason for each, and the differences from what ran."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..requirements.text import with_extras

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..installed.environment import Installed


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that a pin can be installed from."""

    file: str
    """The file name, "numpy-2.0-cp311-cp311-linux_x86_64.whl"."""

    url: str
    """The address, `file:` for a local one."""

    hashes: tuple[str, ...] = ()
    """As "sha256:..."."""

    size: int | None = None
    """The size in bytes; None: unknown."""

    uploaded: str = ""
    """The time when its index received it (RFC 3339, in UTC); empty if that is not known."""

    @property
    def is_local(self) -> bool:
        """Whether it exists on this machine only."""
        return self.url.startswith("file:")


@dataclass(frozen=True, slots=True)
class Edge:
    """One requirement that the pins meet, and the pin that states it."""

    name: str
    """The name of the pin that meets it."""

    asked: str
    """The requirement, "numpy<2.7,>=1.26"."""

    parent: str | None = None
    """The pin that states it; None: a root."""

    extra: str = ""
    """The extra of the parent that adds it."""

    origin: str = ""
    """The place of a root: the user's line, or that it was traced."""

    def __str__(self) -> str:
        who = f"{self.parent}[{self.extra}]" if self.extra else self.parent
        return f"{who} requires {self.asked}" if who else f"{self.origin}: {self.asked}"


@dataclass(frozen=True, slots=True)
class Pin:
    """The chosen candidate of one name."""

    name: str
    version: Version
    extras: frozenset[str] = frozenset()
    source: str = "installed"
    """The kind of its source: "installed", "index", "wheels", "url", "built"."""

    root: bool = False
    """Whether it is a root, by the trace or by the user."""

    via: tuple[str, ...] = ()
    """The dependents: names of other pins, sorted, then the places of the user's lines."""

    url: str | None = None
    """The direct reference that it is pinned to (PEP 610); None for a version."""

    artifacts: tuple[Artifact, ...] = ()
    """The files that suit the target, the best first; none for an installed pin."""

    hashes: tuple[str, ...] = ()
    """Digests that its files may have, by the user's lines; empty: the lines state none."""

    settings: tuple[str, ...] = ()
    """Settings for its build backend, from the user's lines."""

    @property
    def requirement(self) -> Requirement:
        """Return the pin as a requirement: "name[extras]==version" or "name[extras] @ url".

        >>> str(Pin("numpy", Version("2.0")).requirement)
        'numpy==2.0'
        """
        end = f" @ {self.url}" if self.url else f"=={self.version}"
        return Requirement(f"{with_extras(self.name, self.extras)}{end}")


@dataclass(frozen=True, slots=True)
class Move:
    """A pin that differs from the version that ran."""

    name: str
    traced: Version
    chosen: Version
    because: str

    def __str__(self) -> str:
        return f"{self.name} {self.traced} -> {self.chosen}, because {self.because}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer: the pins sorted by name, the moved ones, and notes for the reader."""

    pins: tuple[Pin, ...]
    moves: tuple[Move, ...] = ()
    notes: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    """Every requirement that is met, sorted by the name that meets it."""

    def __repr__(self) -> str:
        """Return the number of pins, in brackets."""
        return f"<Resolution of {len(self.pins)} pins>"

    def _repr_html_(self) -> str:
        """Return the pins as a table, for a notebook, with the notes."""
        from html import escape

        cell = '<td style="text-align: left">{}</td>'
        rows = (
            "".join(cell.format(escape(each)) for each in (pin.name, str(pin.version), _asker(pin)))
            for pin in self.pins
        )
        table = f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
        said = (*map(str, self.moves), *self.notes)
        facts = "".join(f"<p>{escape(each)}</p>" for each in said)
        return f"<div><p><b>{len(self.pins)} pins</b></p>{table}{facts}</div>"

    @property
    def direct(self) -> tuple[Pin, ...]:
        """Return the pins that are roots, by the trace or by the user."""
        return tuple(pin for pin in self.pins if pin.root)

    def why(self, name: str) -> tuple[Edge, ...]:
        """Return a shortest chain of requirements from a root to a name; empty if it is absent.

        >>> root, edge = Edge("a", "a", origin="r.txt:1"), Edge("b", "b>1", parent="a")
        >>> [str(each) for each in Resolution((), edges=(root, edge)).why("b")]
        ['r.txt:1: a', 'a requires b>1']
        """
        wanted = canonicalize_name(name)
        chains: dict[str, tuple[Edge, ...]] = {}
        chains |= {edge.name: (edge,) for edge in reversed(self.edges) if edge.parent is None}
        open_names = deque(sorted(chains))
        below: dict[str | None, list[Edge]] = {}
        for edge in self.edges:
            below.setdefault(edge.parent, []).append(edge)
        while open_names and wanted not in chains:
            reached = open_names.popleft()
            for edge in below.get(reached, ()):
                if edge.name not in chains:
                    chains[edge.name] = (*chains[reached], edge)
                    open_names.append(edge.name)
        return chains.get(wanted, ())

    def sizes(self, installed: Installed) -> dict[str, int]:
        """Return the bytes on disk of each pin that is installed at its version."""
        here = {pin: installed.get(pin.name) for pin in self.pins}
        return {
            pin.name: found.size
            for pin, found in here.items()
            if found is not None and found.version == pin.version
        }

    def get(self, name: str) -> Pin | None:
        """Return the pin of a name, in any spelling."""
        wanted = canonicalize_name(name)
        return next((pin for pin in self.pins if pin.name == wanted), None)

    def to_json(self) -> str:
        """Return it as JSON text."""
        return json.dumps(asdict(self), default=_plain, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Resolution:
        """Return the resolution that `to_json` wrote.

        >>> Resolution.from_json(Resolution(()).to_json())
        <Resolution of 0 pins>
        """
        data = json.loads(text)
        pins = (
            Pin(
                name=pin["name"],
                version=Version(pin["version"]),
                extras=frozenset(pin["extras"]),
                source=pin["source"],
                root=pin["root"],
                via=tuple(pin["via"]),
                url=pin["url"],
                artifacts=tuple(map(_artifact, pin.get("artifacts", ()))),
                hashes=tuple(pin.get("hashes", ())),
                settings=tuple(pin.get("settings", ())),
            )
            for pin in data["pins"]
        )
        moves = (
            Move(each["name"], Version(each["traced"]), Version(each["chosen"]), each["because"])
            for each in data["moves"]
        )
        edges = (Edge(**edge) for edge in data.get("edges", ()))
        return cls(tuple(pins), tuple(moves), tuple(data["notes"]), tuple(edges))


def _plain(value: Version | frozenset[str]) -> object:
    """Return the JSON value for an object that JSON has no type for."""
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _artifact(data: Mapping[str, Any]) -> Artifact:
    hashes = tuple(data["hashes"])
    return Artifact(data["file"], data["url"], hashes, data["size"], data.get("uploaded", ""))


def _asker(pin: Pin) -> str:
    """Return the origin of a requirement, in words."""
    via = f"via {', '.join(pin.via)}" if pin.via else ""
    return "; ".join(filter(None, ("asked for" if pin.root else "", via)))
