"""The pages of what is known against the pins of a model, and of a fleet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .....base.text import NOTE, counted, few
from ..blocks import Block, Facts, Headline, Page, Tone
from ..sections import examples, first_line, table, ways
from .fleets import causes, not_models

if TYPE_CHECKING:
    from .....audit.outcome import Audit
    from .....audit.standings import ToldPin
    from .....fleet.audit.report import FleetAudit
    from .....wheels.advisories.pinned_versions import VulnerablePin

_GRAVE = ("critical", "high")


def audit(found: Audit) -> Page:
    """Return the page of an audit of a model: what is affected, then the way out."""
    affected = len({each.pin for each in found.vulnerable})
    parts = f" and {counted(found.parts, 'package')} in their wheels" if found.parts else ""
    unsure = ", not all could be told" if found.undecided or found.unreadable else ""
    pins = counted(found.pins, "pin")
    known = f"{affected} of {pins} affected" if affected else f"nothing known against {pins}"
    tone = _tone(good=found.good, affected=bool(affected))
    head = Headline("", tone, f"{known}{parts}{unsure}", plain=first_line(found))
    return (
        head,
        Facts("folder", (str(found.path),), folds=False, whole=True),
        Facts("asked", found.asked),
        *_known("what is known", found.vulnerable),
        *ways(found.ways_out),
        *_told(found.told),
        *_known("ignored", found.ignored),
        *_sentences("undecided", found.undecided, "fair"),
        *_sentences("unreadable", found.unreadable, "fair"),
        *_sentences("not judged", found.unjudged),
        *(Facts(NOTE, (each,), folds=False) for each in found.notes),
    )


def fleet_audit(found: FleetAudit) -> Page:
    """Return the page of an audit of a fleet: what is affected and where, then the pin sets."""
    return (
        _fleet(found),
        *([Facts("asked", found.asked)] if found.asked else []),
        *_known("what is known", found.vulnerable),
        *_groups(found),
        *_told(found.told),
        *_sentences("newer", tuple(map(str, found.newer or ()))),
        *(Facts("", (each,), folds=False) for each in found.unsaid),
        *_sentences("undecided", found.undecided, "fair"),
        *_sentences("unreadable", found.unreadable, "fair"),
        *_sentences("unanswered", found.unanswered, "fair"),
        *causes(found.report.causes),
        *not_models(found.report.skipped),
    )


def _fleet(found: FleetAudit) -> Headline:
    """Return how many models of a fleet are affected."""
    models = counted(found.report.total, "model")
    sets = f"with {counted(len(found.groups), 'pin set')}"
    plain = first_line(found)
    if not found.asked:
        unknown = "no advisories were named, so nothing is known against any"
        return Headline(unknown, "fair", f"{models} {sets}", plain=plain)
    tone = _tone(good=found.good, affected=bool(found.vulnerable))
    if not found.vulnerable:
        return Headline("", tone, f"nothing known against {models} {sets}", plain=plain)
    count = counted(len({each.pin for each in found.vulnerable}), "version")
    known = f"{found.affected} of {models} {sets} affected"
    return Headline(f"by {count}", tone, known, plain=plain)


def _tone(*, good: bool, affected: bool) -> Tone:
    return "bad" if affected else "good" if good else "fair"


def _known(title: str, found: Sequence[VulnerablePin]) -> Iterator[Block]:
    """Yield a table of findings, each with its severity; of several models with their folders."""
    rows = [(str(each.pin), each.severity or "", _finding(each)) for each in found]
    tones: list[Tone] = ["bad" if each.severity in _GRAVE else "fair" for each in found]
    yield from table(title, rows, tones)


def _finding(found: VulnerablePin) -> str:
    """Return what is said of a pin, below it how it is mended, and which models have it."""
    within = f"in {few(found.within)}: " if found.within else ""
    summary = f": {found.summary}" if found.summary else ""
    mended = f"\nmended in {', '.join(found.fixed)}" if found.fixed else ""
    models = f"\n{counted(found.models, 'model')}:" if found.models else ""
    places = examples(found.examples, found.models)
    return f"{within}{', '.join(found.ids)}{summary}{mended}{models}{places}"


def _groups(found: FleetAudit) -> Iterator[Block]:
    rows = []
    for each in found.groups:
        floating = f", {len(each.floating)} floating" if each.floating else ""
        pinned = f"Python {each.python}, {counted(each.versions, 'version')}{floating}"
        rows.append((each.key, counted(each.models, "model"), pinned))
    yield from table("pin sets", rows)


def _told(told: Sequence[ToldPin] | None) -> Iterator[Block]:
    """Yield what indexes say of pins, where they were asked."""
    if told is None:
        return
    if not told:
        yield Facts("index", ("nothing against the pins",), "good")
        return
    tone: Tone = "bad" if any(each.is_harmful for each in told) else "fair"
    yield Facts("index", tuple(map(str, told)), tone, apart=True)


def _sentences(title: str, said: Sequence[str], tone: Tone = "plain") -> Iterator[Block]:
    if said:
        yield Facts(title, tuple(said), tone, apart=True)
