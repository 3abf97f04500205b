"""A figure that a benchmark found, what it may be, and all that one run of it found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its unit, and its bound where it has one.

    >>> Figure("save with proof", 1.43, "x floor", most=1.75).holds
    True
    """

    text: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    who: str = "modelenv"
    """The tool that it is of: modelenv, or a peer."""
    size: int | None = None
    """Of how many things; the figures of one text and several sizes are a curve."""
    things: str = ""
    """What there are so many of."""

    @property
    def holds(self) -> bool | None:
        """Return whether the bound holds; None where there is none."""
        if self.most is None and self.least is None:
            return None
        above = self.most is None or self.value <= self.most
        return above and (self.least is None or self.value >= self.least)

    @property
    def bound(self) -> str:
        """Return the bound in words; empty where there is none.

        >>> Figure("models that run again", 18, "of 20", least=17).bound
        'at least 17'
        """
        most = () if self.most is None else (f"at most {number(self.most)}",)
        least = () if self.least is None else (f"at least {number(self.least)}",)
        return " and ".join((*least, *most))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, without what it does not have."""
        told = {"text": self.text, "value": self.value, "unit": self.unit, "who": self.who}
        more = {"most": self.most, "least": self.least, "holds": self.holds}
        curve = {"size": self.size, "things": self.things or None}
        return told | {key: each for key, each in (more | curve).items() if each is not None}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Figure:
        """Return the figure that :meth:`to_json` wrote."""
        return cls(**{key: each for key, each in told.items() if key != "holds"})


@dataclass(frozen=True, slots=True)
class Found:
    """What one run of a benchmark found, where and when."""

    benchmark: str
    figures: Sequence[Figure]
    machine: Mapping[str, Any]
    """Of :func:`~benchmarks.results.machine.this_machine`."""
    versions: Mapping[str, str]
    measured: str
    """The time at which it ended, in UTC, of ISO 8601."""
    seconds: float
    """How long it took."""
    quick: bool = False
    good: bool = True
    """Whether all that it checks besides its bounds is as it should be."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What else it tells, in its own form."""

    @property
    def holds(self) -> bool:
        """Return whether all bounds hold, and what was checked is right."""
        return self.good and not any(each.holds is False for each in self.figures)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "benchmark": self.benchmark,
            "measured": self.measured,
            "seconds": round(self.seconds, 1),
            "quick": self.quick,
            "good": self.good,
            "machine": dict(self.machine),
            "versions": dict(self.versions),
            "figures": [each.to_json() for each in self.figures],
            "details": dict(self.details),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Found:
        """Return what :meth:`to_json` wrote."""
        figures = tuple(map(Figure.from_json, told["figures"]))
        return cls(**{**told, "figures": figures})


def bounded(figures: Iterable[Figure]) -> list[Figure]:
    """Return those that have a bound."""
    return [each for each in figures if each.holds is not None]


def show(figures: Iterable[Figure]) -> str:
    """Return those that have a bound as a table; what does not hold is bold."""
    lines = ["| bound | at most | measured | |", "|---|---|---|---|"]
    for each in bounded(figures):
        word = "holds" if each.holds else "**does not hold**"
        most = number(each.most) if each.most is not None else each.bound
        lines.append(f"| {named(each)} | {most} | {number(each.value)} | {word} |")
    return "\n".join(lines)


def named(figure: Figure) -> str:
    """Return what a figure is of, with its size and unit.

    >>> named(Figure("resolve", 0.08, "CPU s", size=250, things="distributions"))
    'resolve, 250 distributions, CPU s'
    """
    size = "" if figure.size is None else f"{figure.size:,} {figure.things}"
    return ", ".join(filter(None, (figure.text, size, figure.unit)))


def told(figure: Figure) -> str:
    """Return a figure in words.

    >>> told(Figure("predicts the same", 31, "of 42", who="MLflow"))
    'MLflow: predicts the same: 31 of 42'
    >>> told(Figure("resolve", 0.08, "CPU s", size=250, things="distributions"))
    'resolve, 250 distributions: 0.08 CPU s'
    """
    who = "" if figure.who == "modelenv" else f"{figure.who}: "
    size = "" if figure.size is None else f", {figure.size:,} {figure.things}"
    return f"{who}{figure.text}{size}: {number(figure.value)} {figure.unit}".rstrip()


def number(value: float) -> str:
    """Return a number with as many digits as somebody reads.

    >>> [number(each) for each in (3149, 42.0, 12.34, 1.4326, 0.0071, 0)]
    ['3,149', '42', '12.3', '1.43', '0.0071', '0']
    """
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return (
        f"{value:.1f}"
        if abs(value) >= 10
        else f"{value:.2f}"
        if abs(value) >= 0.1
        else f"{value:.2g}"
    )
