"""The diagnosis of a missing distribution, which several rules come to."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from ..context import Case
from ..diagnosis import Diagnosis
from ..module_owners import Owner


def missing_distribution(case: Case, module: str, owner: Owner) -> Diagnosis:
    """Return that the distribution of a module is missing, with all that is known of it."""
    evidence = [owner.source, *case.failure.first_evidence]
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
            return case.diagnosis(
                "unknown-module",
                f"nothing is known of a module {module}, and no distribution has its name",
                module,
                evidence,
                remedy="it may be a module of your own: save the model where it can be imported",
                certain=False,
            )
    guess = (
        f"if that is what is meant: {case.known.add_command(owner.name)}; a module of your own"
        " belongs into the folder's code/"
    )
    return case.diagnosis(
        "missing-module",
        f"the module {module} is missing, which is of the distribution {owner.name}",
        owner.name,
        dict.fromkeys(evidence),
        edit=owner.name,
        remedy="" if owner.certain else guess,
        alternatives=owner.alternatives,
        certain=owner.certain,
    )


def _extras(case: Case, name: str) -> Iterator[str]:
    """Yield the extras of pinned distributions that would bring a distribution."""
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
