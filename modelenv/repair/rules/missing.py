"""The diagnosis of a missing distribution, which several rules come to."""

from __future__ import annotations

from collections.abc import Iterator

from ..context import Case
from ..diagnosis import Diagnosis
from ..owners.modules import Owner
from ..owners.said import offered_by


def missing_distribution(case: Case, module: str, owner: Owner) -> Diagnosis:
    """Return that the distribution of a module is missing, with all that is known of it."""
    known = case.known
    evidence = [owner.source, *case.failure.first_evidence]
    asked = known.asked_by(module)
    evidence += [f"the trace saw it imported by {asked}"] if asked else []
    evidence += left_behind(case, owner.name)
    offers: tuple[str, ...] = ()
    if owner.part != "extra":  # else its owner says which
        offers = offered_by(known.installed, known.pins, known.describe).get(owner.name, ())
    evidence += [f"{each.partition('[')[0]} offers it with its extra: {each}" for each in offers]
    if not owner.certain and not known.is_familiar(owner.name):
        there = known.has(owner.name)
        words = {True: "has", False: "does not have", None: "was not asked for"}
        evidence.append(f"the index {words[there]} a distribution {owner.name}")
        if there is False:
            return case.diagnosis(
                "unknown-module",
                f"nothing is known of a module {module}, and no distribution has its name",
                module,
                evidence,
                remedy="it may be a module of your own: save the model where it can be imported",
                certain=False,
            )
    guess = (
        f"if that is what is meant: {known.add_command(owner.name)}; a module of your own"
        " belongs into the folder's code/"
    )
    whose = f"which is of the distribution {owner.name}"
    if owner.part == "program":
        problem = f"the program {module} is missing, {whose}"
    elif owner.part == "library":
        problem = f"the shared library {module} is missing, {whose}"
    else:
        problem = f"the module {module} is missing, {whose}"
    return case.diagnosis(
        f"missing-{owner.part}" if owner.part in ("program", "library") else "missing-module",
        problem,
        owner.name,
        dict.fromkeys(evidence),
        edit=known.requirement(owner.name),
        remedy=guess if not owner.certain and owner.part == "module" else "",
        alternatives=(*owner.alternatives, *offers),
        certain=owner.certain,
    )


def left_behind(case: Case, name: str) -> Iterator[str]:
    """Yield how the folder came to lack a distribution that it once had to do with."""
    if name in case.known.left_out:
        by = case.known.left_out[name]
        yield f"it was left out when the model was saved (asked for by {by})"
    if name in case.known.removed:
        yield f"an edit of the folder took {name} {case.known.removed[name]} out"
