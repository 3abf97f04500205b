"""From a captured run to a pinned set that is proven: attribute, resolve, prove, account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from ..base.siblings import resolver
from ..folder.bundling import Bundle, separate_projects
from ..pins.package_sources import WHEELS
from ..repair.module_owners import sole_owner
from ..worker.errors import NotProvenError
from .account import Account
from .build_account import build_account, describe, unreached
from .capture import Captured, SecondProcess
from .inputs import UserRequirements
from .prove import Choice, Prover, choose, missed
from .request import PinningRequest


def attribute(
    captured: Captured,
    requirements: UserRequirements,
    installed: resolver.Installed,
    *,
    carries_code: bool,
) -> tuple[resolver.Attribution, tuple[resolver.Project, ...]]:
    """Return the distributions of a run's modules, and the editable installs that need wheels.

    Without `carries_code` all of them do.
    """
    found = resolver.attribute(
        captured.trace.records,
        installed,
        touched=captured.trace.touches,
        named=captured.named,
        exemplified=captured.exemplified,
        stdlib=captured.python.stdlib,
    )
    named = requirements.names(installed.target)
    return separate_projects(found, carries_code=carries_code, named=named)


def pin(request: PinningRequest) -> Account:
    """Return the account of the pinned set of a captured run, proven; it has no sizes yet.

    Wheels of what exists only here are put into the folder. Raises NotProvenError, and the
    resolver's errors where the user's lines cannot be met.
    """
    target = request.environment.target
    folders = request.requirements.folders(target)
    prover = Prover(
        request=request,
        second=SecondProcess(request.captured, request.policy.timeout),
        bundle=Bundle(request.folder / WHEELS, request.installed, request.packed, folders),
        hashes=request.requirements.hashes(target, request.folder / WHEELS),
        options=request.requirements.options(target),
        no_index=request.requirements.no_index,
    )
    try:
        choice = _choose(request, prover)
    except NotProvenError as error:
        least = _resolve(request, ())
        reached = {pin.name for pin in (*least.pins, *request.stand_ins(least).pins)}
        error.hints = _hints(request, error, reached)
        raise
    return build_account(prover, choice)


def _resolve(request: PinningRequest, kept: Sequence[resolver.Attributed]) -> resolver.Resolution:
    """Return the pins of what was observed and asked for, with the optional ones that are kept."""
    with request.watch("resolve"):
        target = request.environment
        merged = request.requirements.merge(request.roots(kept), target.target, request.projects)
        preferred = request.installed if request.version else ()
        return resolver.resolve(merged, target, strict=request.policy.strict, preferences=preferred)


def _choose(request: PinningRequest, prover: Prover) -> Choice:
    """Return the chosen set; a list of the user's own gets nothing added."""
    resolve = partial(_resolve, request)
    if request.requirements.replaces_traced:
        choice = choose((), resolve, prover.prove, request.policy)
    else:
        optional = request.attribution.of_kind("optional")
        owners = partial(_owners, request.installed)
        choice = choose(optional, resolve, prover.prove, request.policy, owners)
    return replace(choice, repeatability=prover.second.repeatability)


def _owners(installed: resolver.Installed, module: str) -> Sequence[resolver.Attributed]:
    """Return the installed distribution of a module that the trace did not see, as evidence."""
    owner = sole_owner(module, installed)
    if owner is None:
        return ()
    evidence = resolver.Evidence(module, None, None, None)
    return (resolver.Attributed(owner, "direct", (evidence,), 0),)


def _hints(
    request: PinningRequest, error: NotProvenError, reached: Collection[str]
) -> tuple[str, ...]:
    """Return what would mend a failed proof, as far as the trace shows it."""
    attribution = request.attribution
    hints = [f"not in the list: {line}" for line in unreached(attribution, reached)]
    probed = attribution.of_kind("optional") if request.requirements.replaces_traced else ()
    hints += [
        f"not in the list: {describe(item)}" for item in missed(probed, error.verdict.missing)
    ]
    carried = {name.partition(".")[0] for name in request.carried.names}
    own = {item.module.partition(".")[0]: item.file for item in attribution.first_party}
    for name in error.verdict.missing:
        top = name.partition(".")[0]
        if top in own and top not in carried:
            hints.append(f"{name} is a module of your own that is not carried: {own[top]}")
    return tuple(hints)
