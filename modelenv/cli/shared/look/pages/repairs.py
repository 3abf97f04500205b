"""The pages of what is wrong with a model, what mends it, and why something is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from .....base.text import NOTE, be, counted
from ..blocks import (
    Block,
    Branch,
    Command,
    Facts,
    Gap,
    Headline,
    LinkTree,
    Page,
    RowTable,
    Tone,
    unbroken,
)
from .saved import verdict

if TYPE_CHECKING:
    from .....repair.diagnosis import Diagnosis
    from .....repair.evidence.chains import Chain
    from .....repair.mend.steps import Fixed, Step
    from .....repair.minimize import Minimized
    from .....repair.why import Why
    from .....serving.watching.production import Production

_OURS = "modelenv "
_UNFOUND = Headline(
    "what was tried", "bad", "no way was found", plain="no way was found: what was tried:"
)


def why(found: Why) -> Page:
    """Return the page of a target: one tree from the model, each link with its evidence."""
    head = Headline(found.about)
    if found.chains:
        start = found.chains[0].links[0].parent
        return (head, LinkTree(Branch(start, (), grown(found.chains)), tuple(found.remarks)))
    return (head, *(Facts("", (said,), folds=False) for said in found.remarks))


def grown(chains: tuple[Chain, ...]) -> tuple[Branch, ...]:
    """Return chains as branches: what they have in common at their beginning stands once."""
    roots: dict[str, _Growing] = {}
    for chain in chains:
        below = roots
        for link in chain.links:
            node = below.setdefault(link.child, _Growing())
            node.evidence.setdefault(link.label)
            below = node.below
    return _branches(roots)


class _Growing:
    """A node that is being made."""

    def __init__(self) -> None:
        self.evidence: dict[str, None] = {}
        self.below: dict[str, _Growing] = {}


def _branches(nodes: dict[str, _Growing]) -> tuple[Branch, ...]:
    return tuple(
        Branch(name, tuple(node.evidence), _branches(node.below)) for name, node in nodes.items()
    )


def diagnosis(found: Diagnosis) -> Page:
    """Return the page of a failure: what is wrong, how that shows, and what mends it."""
    word = "" if found.certain else "a guess"
    blocks: list[Block] = [Headline(found.problem, "bad", word)]
    blocks += [Facts("stage", (found.stage,))] if found.stage else []
    if found.evidence:
        blocks.append(Facts("evidence", found.evidence, folds=False, apart=True))
    if found.alternatives:
        blocks.append(Facts("or", found.alternatives))
    if found.remedy.startswith(_OURS) and "\n" not in found.remedy:
        blocks.append(Command("mend", found.remedy))
    elif found.remedy:
        blocks.append(Facts("mend", (found.remedy,), folds=False))
    return tuple(blocks)


def fixed(done: Fixed) -> Page:
    """Return the page of a repair: what works, or what was tried."""
    if not done.good:
        steps = tuple(block for each in done.steps for block in _step(each))
        last = done.steps[-1].diagnosis
        by_hand = [Facts("by hand", (last.remedy,), folds=False)] if last and last.remedy else []
        return (_UNFOUND, *steps, *by_hand)
    head, *proof = verdict(done.steps[-1].verdict)
    if not done.changes:
        return (head, *proof, Facts("", ("nothing to mend",)))
    ending = "the folder is updated" if done.written else "--write puts them into the folder"
    return (
        head,
        *proof,
        Facts("changes", done.changes, folds=False, apart=True),
        Facts("requirements that work", done.pins),
        Facts("", (ending,)),
        *(Facts(NOTE, (note,), folds=False) for note in done.notes),
    )


def _step(step: Step) -> Iterator[Block]:
    problem = step.diagnosis.problem if step.diagnosis is not None else step.verdict.reason
    what = f"; tried {step.line}" if step.line else ""
    trial = f", {step.trial}" if step.trial else ""
    yield Facts("", (f"{problem}{what}{trial}",), "bad", folds=False)
    yield from (Facts("  cannot be", (each,), folds=False) for each in step.refused)
    yield from (Facts("  taken back", (each,), folds=False) for each in step.taken_back)


def minimized(found: Minimized) -> Page:
    """Return the page of the smallest set of pins."""
    count, gone = len(found.pins), len(found.dropped)
    trials = counted(found.predictions, "prediction")
    if not gone:
        every = "all " if count != 1 else ""
        said = f"{every}{counted(count, 'pin')} {be(count)} needed ({trials})"
        return (Headline(said, "good"),)
    size = sum(each.bytes for each in found.dropped) / 1e6
    rows = tuple(
        (
            each.requirement,
            f"{each.bytes / 1e6:.1f} MB",
            f"without it for {', '.join(each.asked_by)}" if each.asked_by else "",
        )
        for each in found.dropped
    )
    before, after = found.seconds_before, found.seconds_after
    ending = "the folder is updated" if found.written else "--write takes them out of the folder"
    return (
        Headline(f"{counted(count, 'pin')} {be(count)} enough ({trials})", "good"),
        Facts("", (f"a run took {before:.2f} s, and takes {after:.2f} s",)),
        Gap(),
        RowTable(f"{gone} {be(gone)} not needed, {size:.1f} MB", rows),
        Gap(),
        *([Facts("optional, and needed", found.needed)] if found.needed else []),
        Facts("", (ending,)),
        *(Facts(NOTE, (note,), folds=False) for note in found.notes),
    )


def production(found: Production) -> Page:
    """Return the page of what serving showed: what fails there, then what was merely seen."""
    first, *_ = str(found).split("\n")
    if not (found.is_recorded and found):
        said = first.replace(str(found.file), unbroken(str(found.file)))
        return (Headline(said, "good" if found.is_recorded else "fair", plain=first),)
    tone: Tone = "bad" if found.found else "good"
    count = counted(len(found.found), "problem") if found.found else "no problem"
    lesser = str(replace(found, found=())).split("\n")[1:] if found.lesser else []
    return (
        Headline(f"{count} in production", tone, plain=first),
        Facts("record", (str(found.file),), folds=False, whole=True),
        *(block for each in found.found for block in (*diagnosis(each), Gap())),
        *(Facts("", (line.strip(),), folds=False) for line in lesser),
    )
