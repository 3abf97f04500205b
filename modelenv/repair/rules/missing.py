"""A distribution that is not there: what every rule says of it that finds one missing."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from ..context import Case
from ..diagnosis import Diagnosis, Edit
from ..failure import Frame
from ..module_owners import Owner
from .remedies import add_command


def missing_distribution(case: Case, module: str, owner: Owner) -> Diagnosis:
    """Say that the distribution of a module is missing, and all that is known of it."""
    evidence = [owner.source, *first_cause(case)]
    asked = case.known.asked_by(module)
    evidence += [f"the trace saw it imported by {asked}"] if asked else []
    if owner.name in case.known.left_out:
        by = case.known.left_out[owner.name]
        evidence.append(f"it was left out when the model was saved (asked for by {by})")
    evidence += _extras(case, owner.name)
    if not owner.certain:
        there = case.known.has(owner.name)
        words = {True: "has", False: "does not have", None: "was not asked for"}
        evidence.append(f"the index {words[there]} a distribution {owner.name}")
        if there is False:
            return Diagnosis(
                rule="unknown-module",
                problem=f"nothing is known of a module {module}, and no distribution has its name",
                subject=module,
                stage=case.failure.stage,
                evidence=tuple(evidence),
                remedy="it may be a module of your own: save the model where it can be imported",
                certain=False,
            )
    return Diagnosis(
        rule="missing-module",
        problem=f"the module {module} is missing, which is of the distribution {owner.name}",
        subject=owner.name,
        stage=case.failure.stage,
        evidence=tuple(dict.fromkeys(evidence)),
        edit=Edit(owner.name),
        remedy=add_command(case, owner.name)
        if owner.certain
        else f"if that is what is meant: {add_command(case, owner.name)}; a module of your own"
        " belongs into the folder's code/",
        alternatives=owner.alternatives,
        certain=owner.certain,
    )


def first_cause(case: Case) -> tuple[str, ...]:
    """Give the first exception of the chain, and the line that raised it."""
    raised = case.failure.chain[0] if case.failure.chain else None
    if raised is None:
        return ()
    return asking(raised.frames, str(raised))


def asking(frames: tuple[Frame, ...], said: str) -> tuple[str, ...]:
    """Add to what was said the last line that is not the import system's own."""
    outside = [frame for frame in frames if not frame.file.startswith("<frozen")]
    return (said, f"{outside[-1].place}: {outside[-1].code}") if outside else (said,)


def _extras(case: Case, name: str) -> Iterator[str]:
    """Find the extras of pinned distributions that would bring a distribution."""
    installed = case.known.installed
    for parent in sorted(case.known.pins) if installed is not None else ():
        assert installed is not None
        distribution = installed.get(parent)
        if distribution is None:
            continue
        for extra in sorted(distribution.extras):
            needs = distribution.needs(installed.target, extra)
            base = distribution.needs(installed.target)
            own = [need for need in needs if need not in base]
            if any(canonicalize_name(need.name) == name for need in own):
                yield f"{parent} offers it with its extra: {parent}[{extra}]"
                break
