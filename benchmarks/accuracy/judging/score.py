"""The score of an environment: its content against the needs of the case's model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drift:
    """A needed distribution at another version than the model was trained with."""

    name: str
    source: str
    found: str

    def __str__(self) -> str:
        return f"{self.name} {self.source} -> {self.found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The distance of an environment from the minimal one."""

    missing: tuple[str, ...]
    """Needed and not there."""
    superfluous: tuple[str, ...]
    """There and not needed."""
    never_loaded: tuple[str, ...]
    """Of the superfluous: no module of it was loaded in the process that predicted."""
    drifted: tuple[Drift, ...]

    @property
    def perfect(self) -> bool:
        return not (self.missing or self.superfluous or self.drifted)


def score(
    needed: Mapping[str, str], found: Mapping[str, str], never_loaded: Iterable[str] = ()
) -> Score:
    """Compare versions by normalised name; `never_loaded` are names of `found`.

    >>> score({"numpy": "2.2.3"}, {"numpy": "2.4.6", "six": "1.17.0"}).drifted
    (Drift(name='numpy', source='2.2.3', found='2.4.6'),)
    """
    superfluous = found.keys() - needed.keys()
    both = sorted(needed.keys() & found.keys())
    drifts = [Drift(name, needed[name], found[name]) for name in both]
    return Score(
        missing=tuple(sorted(needed.keys() - found.keys())),
        superfluous=tuple(sorted(superfluous)),
        never_loaded=tuple(sorted(superfluous & set(never_loaded))),
        drifted=tuple(drift for drift in drifts if drift.source != drift.found),
    )
