"""From a captured run to a pinned set that is proven: attribute, resolve, prove, account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..base.stopwatch import Stopwatch
from ..folder import code
from ..folder.bundling import Bundle, separate_projects
from ..pins.conda_provided import Provided
from ..pins.lock_entries import is_hashed, lock_at_hand
from ..pins.targets import target_of
from ..pins.variables import as_written
from ..repair.module_owners import installed_owners
from ..worker.errors import NotProvenError
from ..worker.job import Material
from .account import Account
from .build_account import Seen, Settled, accounted, described, explained, unreached
from .capture import Captured
from .inputs import Given, Policy
from .prove import Choice, Prover, choose, missed

Gather = Callable[[resolver.Attribution], tuple[Material, code.Plan]]
"""Put first-party code beside the model; return the material with it, and what was carried."""

Unseen = Callable[[resolver.Attribution], Sequence[resolver.Attributed]]
"""Tell what the model's code names and no run showed."""


def _nothing_unseen(_: resolver.Attribution) -> Sequence[resolver.Attributed]:
    return ()


def settle(
    captured: Captured,
    given: Given,
    policy: Policy,
    settings: Settings,
    watch: Stopwatch,
    *,
    installed: resolver.Installed,
    path: Path,
    wheels: Path,
    gather: Gather,
    carries_code: bool,
    version: str = "",
    unseen: Unseen = _nothing_unseen,
) -> Account:
    """Find the pinned set of a captured run and prove it; the account has no sizes yet.

    Wheels of what exists only here are put into the folder `wheels`. `gather` is handed the
    editable installs that travel as code; without `carries_code` all of them travel as wheels.
    `version` is another version of Python than that of the captured run, to resolve for; `unseen`
    tells what a model without an example would import besides.
    Raises NotProvenError, and the resolver's errors where the user's lines cannot be met.
    """
    with watch("attribute"):
        seen = _attributed(captured, given, installed, gather, unseen, carries_code=carries_code)
    there = _elsewhere(version, captured) if version else installed
    bundle = Bundle(wheels, installed, seen.packed, given.folders(there.target))

    def resolve(kept: Sequence[resolver.Attributed]) -> resolver.Resolution:
        with watch("resolve"):
            merged = given.merge(seen.traced(kept), there.target, seen.travelling)
            preferred = () if there is installed else installed
            return resolver.resolve(merged, there, strict=policy.strict, preferences=preferred)

    by_conda = given.conda.provided if given.conda else Provided()

    def brought(resolution: resolver.Resolution) -> resolver.Resolution:
        return by_conda.stand_ins(resolution, there, installed)

    prover = Prover(
        material=seen.material,
        captured=captured,
        installed=installed,
        settings=settings,
        timeout=policy.timeout,
        manager=policy.manager,
        watch=watch,
        bundle=bundle,
        options=given.options(there.target),
        version=version,
        stand_ins=brought,
    )
    optional = () if given.is_whole else seen.attribution.of_kind("optional")
    try:
        owners = _no_owners if given.is_whole else partial(_owners, installed)
        choice = choose(optional, resolve, prover.prove, policy, owners)
    except NotProvenError as error:
        least = resolve(())
        reached = {pin.name for pin in (*least.pins, *brought(least).pins)}
        error.hints = _hints(seen, error, reached, listed=given.is_whole)
        raise
    settled = _packed(choice, given, seen, bundle, there, prover.options)
    return accounted(
        settled,
        captured,
        given,
        brought(choice.resolution),
        path=path,
        installed=installed,
        target=there.target,
        version=version,
        options=prover.options,
        seconds=watch.seconds,
    )


def _attributed(
    captured: Captured,
    given: Given,
    installed: resolver.Installed,
    gather: Gather,
    unseen: Unseen,
    *,
    carries_code: bool,
) -> Seen:
    """Say whose each module of a run is, and put the model's own code beside the model."""
    found = resolver.attribute(
        captured.trace.records,
        installed,
        named=captured.named,
        exemplified=captured.exemplified,
        stdlib=captured.python.stdlib,
    )
    named = given.names(installed.target)
    attribution, packed = separate_projects(found, carries_code=carries_code, named=named)
    material, carried = gather(attribution)
    traced = {item.distribution.name for item in attribution.of_kind("direct", "input")}
    return Seen(
        attribution=attribution,
        packed=packed,
        named_only=tuple(
            each for each in unseen(attribution) if each.distribution.name not in traced
        ),
        material=material,
        carried=carried,
    )


def _packed(
    choice: Choice,
    given: Given,
    seen: Seen,
    bundle: Bundle,
    there: resolver.Installed,
    options: tuple[str, ...],
) -> Settled:
    """Make the wheels that the chosen pins need, and lock them where every hash is at hand."""
    complete = bundle.complete(choice.resolution)
    bundle.prune(complete)
    resolution = as_written(complete, given.written, given.environment, options)
    reasons = explained(choice, seen)
    lock = lock_at_hand(resolution, reasons, bundle.folder, there.target)
    checked = lock is not None and is_hashed(lock)
    notes = [*resolution.notes, *bundle.notes(choice.resolution, checked=checked)]
    if lock is not None and not envfiles.knows_pylock():
        notes.append(f"not written: {envfiles.PackagingTooOld()}")
    return Settled(
        choice=choice,
        seen=seen,
        resolution=replace(resolution, notes=tuple(notes)),
        reasons=reasons,
        lock=lock,
    )


def _elsewhere(version: str, captured: Captured) -> resolver.Installed:
    """Return another version of Python on this platform, with nothing installed in it."""
    return resolver.Installed((), target_of(version, captured.python.markers))


def _owners(installed: resolver.Installed, module: str) -> Sequence[resolver.Attributed]:
    """Return the installed distribution of a module that the trace did not see, as evidence."""
    found = list(installed_owners(module, installed))
    if len(found) != 1:  # nobody's, or a folder that several share
        return ()
    evidence = resolver.Evidence(module, None, None, None)
    return (resolver.Attributed(found[0], "direct", (evidence,), 0),)


def _no_owners(_: str) -> Sequence[resolver.Attributed]:
    """Add nothing to a list that is the user's own."""
    return ()


def _hints(
    seen: Seen,
    error: NotProvenError,
    reached: Collection[str],
    *,
    listed: bool,
) -> tuple[str, ...]:
    """Say what would mend a failed proof, as far as the trace tells."""
    attribution = seen.attribution
    hints = [f"not in the list: {line}" for line in unreached(attribution, reached)]
    probed = attribution.of_kind("optional") if listed else ()
    hints += [
        f"not in the list: {described(item)}" for item in missed(probed, error.verdict.missing)
    ]
    carried = {name.partition(".")[0] for name in seen.carried.names}
    own = {item.module.partition(".")[0]: item.file for item in attribution.first_party}
    for name in error.verdict.missing:
        top = name.partition(".")[0]
        if top in own and top not in carried:
            hints.append(f"{name} is a module of your own that is not carried: {own[top]}")
    return tuple(hints)
