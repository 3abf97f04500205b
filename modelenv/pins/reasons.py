"""The reasons for a pin, as the comment of its line states them."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

_VIA = re.compile(r"(?:^|; )via ")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?=, |; |$)")
_ASKED = "asked for ("


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons for a pin: its own, the distributions that require it, and the user's lines.

    >>> reasons = Reasons.read("imported by the model; via pandas, pip_requirements[0]: numpy<3")
    >>> reasons.own, reasons.parents, reasons.lines
    (('imported by the model',), ('pandas',), ('pip_requirements[0]: numpy<3',))
    """

    own: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    """The names of distributions that require it."""
    lines: tuple[str, ...] = ()
    """The user's lines that request it, each with its location."""

    @classmethod
    def read(cls, comment: str) -> Reasons:
        """Parse a comment. Lines come after the names, and may contain any text."""
        found = _VIA.search(comment)
        if found is None:
            return cls((comment,) if comment else ())
        own = [comment[: found.start()]]
        parents, at = [], found.end()
        while name := _NAME.match(comment, at):
            parents.append(name[0])
            at = name.end()
            if comment.startswith("; ", at):
                own.append(comment[at + 2 :])
                at = len(comment)
            at += 2
        rest = comment[at:]
        return cls(tuple(filter(None, own)), tuple(parents), (rest,) if rest else ())

    def __str__(self) -> str:
        """Return the comment."""
        via = ", ".join((*self.parents, *self.lines))
        return "; ".join((*self.own, *((f"via {via}",) if via else ())))

    def strangers(self, names: Container[str]) -> tuple[str, ...]:
        """Return the requesters other than the pins `names`: lines, and replaced distributions."""
        return (*(each for each in self.parents if each not in names), *self.lines)

    def is_asked_for(self, names: Container[str]) -> bool:
        """Return whether the user requested it, by a line of a save or of an edit."""
        said = any(each.startswith(_ASKED) for each in self.own)
        return said or bool(self.strangers(names))


def asked_for(text: str) -> str:
    """Return the comment of a pin that the user requested.

    >>> asked_for("numpy<2")
    'asked for (numpy<2)'
    """
    return f"{_ASKED}{text})"
