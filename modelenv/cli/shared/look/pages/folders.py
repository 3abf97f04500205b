"""The pages of a folder's contents, and of changes in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from .....base.siblings import resolver
from .....base.text import NOTE, ReportLine, counted
from ..blocks import Block, Facts, Gap, Headline, Page, RowTable, Tone
from .saved import TONES, facts, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .....base.siblings import envfiles
    from .....edit.lock import Locking
    from .....edit.requirements import Edited
    from .....run.inspect import Inspection
    from ..listed import ListedPins

_FAULTS = ("missing", "cannot be read")
_DISAGREE = "the files disagree"
_BAD = (*_FAULTS, _DISAGREE)
_CAUTION = (
    "in front of the standard library's own modules",
    "known to run code when it is loaded",
    "no flavor is one that Python can load",
    "not deterministic",
    "not scanned",
)


def inspection(found: Inspection) -> Page:
    """Return the page of a folder."""
    blocks: list[Block] = [Headline(found.headline)]
    blocks += (
        replace(fact, tone=_tone(found, fact.title), folds=fact.title not in _FAULTS)
        for fact in facts(tuple(_together(found.facts)))
    )
    if found.environment_line:
        rows = tuple(map(_row, found.requirements))
        blocks += [Gap(), RowTable(found.environment_line, rows), Gap()]
    further = (replace(fact, tone=_tone(found, fact.title)) for fact in facts(found.further))
    return (*blocks, *further)


def _together(known: Iterable[ReportLine]) -> Iterator[ReportLine]:
    """Yield facts with all disagreements as one: a list edited by hand may have hundreds."""
    for title, lines in groupby(known, key=lambda each: each.title):
        if title == _DISAGREE:
            yield ReportLine(title, tuple(item for each in lines for item in each.items))
        else:
            yield from lines


def _tone(found: Inspection, title: str) -> Tone:
    """Return how what stands under a title is to be taken."""
    if title == "proof" and found.mlmodel is not None:
        return TONES.get(str(found.mlmodel.proof["status"]), "fair")
    return "bad" if title in _BAD else "fair" if title in _CAUTION else "plain"


def listed(found: ListedPins) -> Page:
    """Return the page of a list of requirements."""
    unnamed = (Facts("", (each,), folds=False) for each in found.unnamed)
    rows = tuple(map(_row, found.entries))
    return (Headline(counted(len(rows), "requirement")), RowTable("", rows), *unnamed)


def difference(found: envfiles.Difference) -> Page:
    """Return the page of a comparison, each change with how large a step it is."""
    sides = f"{found.left} -> {found.right}"
    if not found:
        return (Headline(f"{sides}: no difference", "good"),)
    count = len(found.changes) + len(found.conda) + bool(found.python)
    head = Headline(f"{sides}, {counted(count, 'difference')}", "bad", "differs")
    return (head, RowTable("", tuple(_iter_changes(found))))


def _iter_changes(found: envfiles.Difference) -> Iterator[tuple[str, ...]]:
    python = [found.python] if found.python else []
    yield from map(_change, (*python, *found.changes))
    for each in found.conda:
        *cells, last = _change(each)
        yield (*cells, f"{last} [conda]")


def _change(change: envfiles.Change) -> tuple[str, ...]:
    """Return a change as cells: what happened, to what, from which version to which."""
    if change.left is None:
        return ("+", change.name, f"{change.right} (added)")
    if change.right is None:
        return ("-", change.name, f"{change.left} (removed)")
    left, right = change.left.lstrip("="), change.right.lstrip("=")
    return ("~", change.name, f"{left} -> {right} ({change.step})")


def edited(done: Edited) -> Page:
    """Return the page of an edit."""
    count = counted(len(done.requirements), "requirement")
    first: Block
    proof: Iterable[Block] = ()
    if done.verdict is not None:
        head, *proof = verdict(done.verdict)
        first = head
    elif done.standing.get("status", "unproven") != "unproven":
        first = Headline("the pins are what they were", "good", "its proof stands")
    else:
        first = Headline("--prove predicts with these pins", "fair", "not proven")
    rows = tuple(_change(change) for change in done.difference.changes)
    changes = RowTable("changes", rows) if rows else Facts("", ("nothing changed",))
    where = Facts("folder", (str(done.path),), folds=False, whole=True)
    return (first, where, Facts("", (count,)), *proof, changes, *_notes(done.notes))


def locking(done: Locking) -> Page:
    """Return the page of a lock: what was written, or why nothing was."""
    if done.lock is None:
        head = Headline("nothing was written", "bad", "not locked")
        missing = Facts("of these no hash can be had", done.missing, "bad", folds=False)
        dated = [Facts("asked as of", (resolver.told_moment(done.as_of),))] if done.as_of else []
        where = Facts("folder", (str(done.path),), folds=False, whole=True)
        return (head, where, missing, *dated, *_notes(done.notes))
    files = sum(len(each.artifacts) for each in done.lock.packages)
    also = ", requirements.txt has their hashes" if done.hashes else ""
    packages = counted(len(done.lock.packages), "distribution")
    text = f"{packages}, {counted(files, 'file')}{also}"
    chosen = (Facts("", (said,), folds=False) for said in done.choice)
    where = Facts("file", (f"{done.path}/{done.file}",), folds=False, whole=True)
    from .....pins.change.joint_lock import told_together

    targets = (Facts("", (each,), folds=False) for each in told_together(done.targets))
    return (Headline(text, "good", "locked"), where, *targets, *chosen, *_notes(done.notes))


def _row(entry: envfiles.Entry) -> tuple[str, str, str]:
    """Return a requirement as cells: its name, what is asked of it, and why it is there."""
    asked = entry.version if entry.version and not entry.marker else None
    bare = entry.requirement.removeprefix(entry.name)
    return entry.name, bare if asked is None or "[" in bare else asked, entry.comment


def _notes(notes: Iterable[str]) -> Iterator[Facts]:
    yield from (Facts(NOTE, (note,), folds=False) for note in notes)
