"""The causes of failures, in words that are equal for equal faults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...base.text import few

if TYPE_CHECKING:
    from ...worker.verdict import Verdict

_LONGEST = 160
_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[\\/](?:[^\s'\"():,;\\/]+[\\/])+([^\s'\"():,;\\/]*)")
_NUMBER = re.compile(r"\b0x[0-9a-f]+\b|(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)")
_ID = re.compile(r"\b(?:m-)?[0-9a-f]{16,}\b")


def cause_of(verdict: Verdict) -> str:
    """Return why a verdict is not good, in words that models share; empty: it is good.

    A missing module or a leak is named; other reasons lose the numbers and paths of this model.
    """
    if verdict.good:
        return ""
    if verdict.missing:
        named = few(tuple(sorted(verdict.missing)), 3)
        return (
            f"missing module {named}" if len(verdict.missing) == 1 else f"missing modules {named}"
        )
    if verdict.leaks:
        named = few(tuple(sorted({leak.name or leak.kind for leak in verdict.leaks})), 3)
        return f"uses what is not in its pins: {named}"
    if verdict.status == "differs":
        return "the prediction differs"
    stage = f"{verdict.stage}: " if verdict.stage else ""
    return alike(f"{stage}{verdict.reason}")


def alike(text: str) -> str:
    """Return a text without numbers, ids and paths, for comparison with others.

    >>> alike("row 737: /srv/models/m17/data.csv: expected 30 columns, not 29")
    'row …: …/data.csv: expected … columns, not …'
    """
    line = text.strip().partition("\n")[0]
    line = _NUMBER.sub("…", _ID.sub("…", _PATH.sub(r"…/\1", line)))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
