"""The report of a save, as an example prints it, read back."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIN = re.compile(r"^  (?P<pin>\S+==\S+) +(?P<reason>\S.*)$")
_FOUND = ("packages of the system that it needs: ", "environment variables of every run: ")
_NEEDLESS = ("left out: ",)


@dataclass(frozen=True, slots=True)
class Report:
    """What a save says, line by line."""

    headline: str
    """What was proven, and where, without the path of the folder."""
    pins: dict[str, str]
    """Each pin, and why it is there."""
    found: tuple[str, ...]
    """What the model needs besides the pins: packages of the system, variables."""
    left_out: str
    """The line of what libraries probe for; may be empty."""

    @property
    def own(self) -> dict[str, str]:
        """The pins that are there for the model's sake, not only for another's."""
        return {pin: why for pin, why in self.pins.items() if not why.startswith("via ")}

    @property
    def unnamed(self) -> dict[str, str]:
        """Those of them that neither the model nor its example imports by name."""
        return {pin: why for pin, why in self.own.items() if not why.startswith("imported by the ")}


def read_report(printed: str) -> Report:
    """Return what the report of a save says.

    >>> read_report("/m: proven in a replica: equal\\nPython 3.11.7, 1 pin:\\n  a==1  via b").pins
    {'a==1': 'via b'}
    """
    lines = printed.splitlines()
    return Report(
        headline=next(line.partition(": ")[2] for line in lines if ": proven in " in line),
        pins={found["pin"]: found["reason"] for line in lines if (found := _PIN.match(line))},
        found=tuple(line for line in lines if line.startswith(_FOUND)),
        left_out=next((line for line in lines if line.startswith(_NEEDLESS)), ""),
    )
