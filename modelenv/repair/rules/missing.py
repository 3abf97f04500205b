"""The diagnoses of a missing distribution, for several rules."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ..context import Case
from ..diagnosis import Diagnosis
from ..owners.modules import Owner, is_distribution_name
from ..owners.said import offered_by
from ..reading.chain import Raised


def missing_distribution(case: Case, module: str, owner: Owner) -> Diagnosis:
    """Return that the distribution of a module is missing, with all that is known of it."""
    known = case.known
    if not owner.certain and not is_distribution_name(owner.name):
        return _no_name(case, module)
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


def pinned_elsewhere(
    case: Case, name: str, what: str, raised: Raised | None = None, *, certain: bool = True
) -> Diagnosis | None:
    """Return that it failed in an environment without the pins, which have what is missing there.

    `name` is a distribution, `what` is missing of it. None: it is no pin, or a run with the pins
    failed, so that they do lack it.
    """
    if not case.failure.pasted or name not in case.known.pins:
        return None
    folder = case.known.folder
    file = "requirements.txt" if folder is None else str(folder / "requirements.txt")
    shown = raised.evidence if raised is not None else case.failure.first_evidence
    return case.diagnosis(
        "other-environment",
        f"{case.known.pinned(name)} is pinned and has {what}: it failed in an environment that is"
        " not the one of the pins",
        name,
        shown,
        remedy=f"pip install -r {shlex.quote(file)} there, or build that environment again",
        certain=certain,
    )


def nobody_s(case: Case, module: str, name: str) -> Diagnosis:
    """Return a diagnosis for a module without known owner; `name` may be unrelated."""
    asked = case.known.asked_by(module)
    seen = [f"the trace saw it imported by {asked}"] if asked else []
    return case.diagnosis(
        "missing-module",
        f"the module {module} is missing, and no distribution is known to have it",
        name,
        (*case.failure.first_evidence, *seen),
        remedy="if it is your own, save the model where it can be imported, or copy it into the"
        " folder's code/; if a library has it, add the distribution that its documentation names",
        certain=False,
    )


def _no_name(case: Case, module: str) -> Diagnosis:
    """Return a diagnosis for an unknown module with a name that no distribution can have."""
    return case.diagnosis(
        "unknown-module",
        f"nothing is known of a module {module}, and no distribution can have its name",
        module,
        case.failure.first_evidence,
        remedy="a library of another version may have it, or code of your own: save the model"
        " again where it can be imported",
        certain=False,
    )


def left_behind(case: Case, name: str) -> Iterator[str]:
    """Yield the reasons why the folder lacks a distribution that it once had to do with."""
    if name in case.known.left_out:
        by = case.known.left_out[name]
        yield f"it was left out when the model was saved (asked for by {by})"
    if name in case.known.removed:
        yield f"an edit of the folder took {name} {case.known.removed[name]} out"
