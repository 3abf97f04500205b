"""Failures that are known by their words alone: a row of data each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ..context import Case
from ..data import read_table
from ..diagnosis import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """A pattern, and what it means if it is found.

    The texts are templates: ``{0}`` is the first group that the pattern found.
    """

    rule: str
    pattern: str
    reads: Literal["each", "latest", "last", "own"]
    """The text to search.

    Each exception from the first or from the latest, or the last alone, as ``Type: message``; or
    the failure's own text.
    """
    subject: str
    problem: str
    remedy: str = ""
    shows_code: bool = False
    """Whether the line of code that raised it is evidence, too."""
    certain: bool = True

    def __call__(self, case: Case) -> Diagnosis | None:
        """Return the diagnosis if the pattern is found."""
        if self.reads == "own":
            found = re.search(self.pattern, case.failure.own)
            return self._diagnosis(case, found, (line_of(found),)) if found else None
        chain = case.failure.chain
        for raised in {"each": chain, "latest": chain[::-1], "last": chain[-1:]}[self.reads]:
            found = re.search(self.pattern, f"{raised.type}: {raised.message}")
            if found:
                shown = raised.evidence if self.shows_code else raised.evidence[:1]
                return self._diagnosis(case, found, shown)
        return None

    def _diagnosis(
        self, case: Case, found: re.Match[str], evidence: tuple[str, ...]
    ) -> Diagnosis | None:
        said = (group for group in found.groups() if group is not None)
        groups = tuple(each.removeprefix("…/cwd/").removeprefix("…/") for each in said)
        return case.diagnosis(
            self.rule,
            self.problem.format(*groups),
            self.subject.format(*groups),
            evidence,
            remedy=self.remedy.format(*groups),
            certain=self.certain,
        )


def line_of(found: re.Match[str]) -> str:
    """Return the line that a match begins in."""
    start = found.string.rfind("\n", 0, found.start()) + 1
    return found.string[start:].partition("\n")[0].strip()


@cache
def read_rules() -> Mapping[str, PatternRule]:
    """Return all of them, by their names in the table."""
    rows = read_table("failure_messages")["rules"]
    return {name: PatternRule(**row) for name, row in rows.items()}
