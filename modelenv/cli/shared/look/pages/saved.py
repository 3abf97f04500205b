"""The pages of what was saved, and of what was proven."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .....base.text import NOTE, ReportLine, counted
from ..blocks import Block, Facts, Gap, Headline, Page, RowTable, Tone

if TYPE_CHECKING:
    from .....run.cross_check import CrossCheck
    from .....save.account import Account
    from .....worker.verdict import Verdict

TONES: dict[str, Tone] = {"reproduces": "good", "runs": "fair", "differs": "bad", "fails": "bad"}
"""How the status of a proof is to be taken."""


def account(account: Account) -> Page:
    """Return the page of a save: what was proven, the pins, and what else is known."""
    rows = tuple(
        (pin.name, f"@ {pin.url}" if pin.url else str(pin.version), account.reasons[pin.name])
        for pin in account.resolution.pins
    )
    total = sum(account.seconds.values())
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in account.seconds.items())
    return (
        _saved(account),
        Facts("folder", (str(account.path),), folds=False, whole=True),
        *(proof(account.verdict) if account.verdict is not None else ()),
        Gap(),
        RowTable(f"Python {account.python}, {counted(len(rows), 'pin')}", rows),
        Gap(),
        *facts(account.facts),
        Facts("seconds", (f"{total:.2f} in all: {stages}",)),
    )


def _saved(account: Account) -> Headline:
    """Return the headline of a save."""
    untraced = "" if account.traced else "not traced; "
    if account.verdict is None:
        return Headline(
            f"{untraced}no run has shown that the pins are enough", "fair", "not proven"
        )
    head = headline(account.verdict)
    return Headline(f"{untraced}{head.text}", head.tone, head.word)


def verdict(verdict: Verdict) -> Page:
    """Return the page of a verdict."""
    notes = tuple(Facts(NOTE, (said,), folds=False) for said in verdict.notes)
    return (headline(verdict), *proof(verdict), *notes)


def headline(verdict: Verdict) -> Headline:
    """Return the answer of a verdict."""
    return Headline(verdict.reason, TONES[verdict.status], verdict.status)


def proof(verdict: Verdict) -> Iterator[Block]:
    """Yield where a verdict was found, and how far the run came."""
    yield Facts("where", (verdict.place,), folds=False)
    if verdict.stage:
        yield Facts("stage", (verdict.stage,))


def opinion(check: CrossCheck) -> Page:
    """Return what somebody else says of the pins."""
    if check.against:
        head: Block = Facts(check.who, check.against, "bad", folds=False, apart=True)
    else:
        agrees = f"agrees on all that was asked ({check.asked})"
        head = Facts(check.who, (agrees,), "good")
    remarks = Facts(check.who, check.remarks, folds=False, apart=True)
    return (head, *([remarks] if check.remarks else []))


def facts(known: tuple[ReportLine, ...]) -> Iterator[Facts]:
    """Yield facts: notes are whole sentences, and each has its own line."""
    for fact in known:
        if fact.title in (NOTE, ""):
            yield from (Facts(fact.title, (said,), folds=False) for said in fact.items)
        else:
            yield Facts(fact.title, fact.items)
