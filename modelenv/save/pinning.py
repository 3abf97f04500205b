"""Pin a captured run: attribute, resolve, prove, and build the account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

from ..base.siblings import resolver
from ..folder.bundling import Bundle, separate_projects
from ..pins.package_sources import WHEELS
from ..worker.errors import NotProvenError
from ..worker.processes.program import run_program
from ..worker.verdict import Verdict
from .account import Account
from .build_account import build_account, describe, unreached
from .inputs import UserRequirements
from .observe.capture import Captured
from .observe.second_process import SecondProcess
from .observe.used_files import on_failure, paths_of, staying_files
from .proving.choose import Candidates, Choice, Enough, Resolve, choose, missed
from .proving.learn import outcome_of
from .proving.next_failures import NextFailures
from .proving.prove import Prover
from .proving.search import Found, InstalledSearch, guessed, installed_besides, pointed_at
from .proving.speculation import Speculation
from .request.pinning import PinningRequest


def attribute(
    captured: Captured,
    requirements: UserRequirements,
    installed: resolver.Installed,
    *,
    carries_code: bool,
) -> tuple[resolver.Attribution, tuple[resolver.Project, ...]]:
    """Return the distributions behind a run's modules, and the editable installs that need wheels.

    Without `carries_code`, every editable install needs one.
    """
    found = resolver.attribute(
        captured.trace.records,
        installed,
        touched=captured.trace.touches,
        named=captured.named.modules,
        exemplified=captured.exemplified,
        stdlib=captured.python.stdlib,
    )
    named = requirements.names(installed.target)
    return separate_projects(found, carries_code=carries_code, named=named)


def pin(request: PinningRequest, speculation: Speculation | None = None) -> Account:
    """Return the account of a captured run's pins, proven; sizes are not filled in yet.

    Wheels for distributions that no index has are written to the folder. A run begun by
    `speculation` is used as a proof if it is the same one. Raises NotProvenError, and the
    resolver's errors if the user's lines cannot be met.
    """
    request.report("choosing the versions")
    target = request.environment.target
    places = request.requirements.places(target)
    prover = Prover(
        request=request,
        second=SecondProcess(request.captured, request.policy.timeout),
        bundle=Bundle(
            request.folder / WHEELS,
            request.installed,
            request.packed,
            places,
            edits=request.edits(),
            policy=request.policy.bundle,
        ),
        hashes=request.requirements.hashes(target, request.folder / WHEELS),
        options=request.requirements.options(target),
        no_index=request.requirements.no_index,
        speculation=speculation,
    )
    try:
        choice = _choose(request, prover)
    except NotProvenError as error:
        least = _resolve(request, ())
        reached = {pin.name for pin in (*least.pins, *request.stand_ins(least).pins)}
        error.hints = (*prover.bundle.edit_notes(least), *_hints(request, error, reached))
        raise
    if speculation is not None:
        speculation.learn(outcome_of(prover, choice))
    return build_account(prover, choice)


def _resolve(request: PinningRequest, kept: Sequence[resolver.Attributed]) -> resolver.Resolution:
    """Return the pins for what was observed and requested, and for the optional ones in `kept`."""
    with request.watch("resolve"):
        target = request.environment
        merged = request.requirements.merge(request.roots(kept), target.target, request.projects)
        preferred = request.installed if request.version else ()
        indexes = request.requirements.indexes
        return resolver.resolve(
            merged,
            target,
            strict=request.policy.strict,
            preferences=preferred,
            settings=indexes.telling(request.report),
            build=indexes.builder(
                target.target, request.settings.environment, request.report, run_program
            ),
        )


def _choose(request: PinningRequest, prover: Prover) -> Choice:
    """Return the chosen set; nothing is added to a complete list of the user's."""
    resolve = partial(_resolve, request)
    strict, bundle = request.policy.strict, prover.bundle
    if request.policy.bundle.names:
        bundle.check_names(resolve(()))
    if strict:  # before the proof, which takes long
        bundle.check_unedited(resolve(()))
    candidates = Candidates()
    if not request.requirements.replaces_traced:
        attribution, installed = request.attribution, request.installed
        optional = attribution.of_kind("optional")
        candidates = Candidates(
            called=tuple(item for item in optional if item.acts),
            optional=tuple(item for item in optional if not item.acts),
            startup=attribution.startup,
            pointed_at=partial(pointed_at, installed=installed),
            after=partial(_after, request),
            guessed=partial(guessed, installed=installed, attribution=attribution),
            search=_search(request, resolve),
        )
    choice = choose(candidates, resolve, prover.prove, request.policy)
    if strict:
        bundle.check_unedited(choice.resolution)
    return replace(choice, repeatability=prover.second.repeatability)


def _after(request: PinningRequest, failed: Verdict) -> Sequence[resolver.Attributed]:
    """Return the optional distributions that further runs would miss after a failed one."""
    optional = request.attribution.of_kind("optional")
    records = request.captured.trace.records
    return NextFailures(records, optional, request.installed).after(failed)


def _search(request: PinningRequest, resolve: Resolve) -> Callable[[Enough], Found]:
    """Return a search among the installed distributions that can be pinned beside the others.

    It finds nothing if the run used a file that no distribution has and no proof may see, since
    that file is the likely cause of the failure.
    """

    def search(enough: Enough) -> Found:
        if _kept_back(request):
            return Found()

        def is_enough(some: Sequence[resolver.Attributed]) -> bool:
            try:
                return enough(some)
            except resolver.ResolverError:  # they cannot be pinned together
                return False

        others = installed_besides(resolve(()), request.installed)
        return InstalledSearch(others, request.report, seconds=request.policy.timeout)(is_enough)

    return search


def _kept_back(request: PinningRequest) -> bool:
    """Return whether the run used files that do not travel and that no proof may see."""
    seal = request.policy.seal
    staying = paths_of(staying_files(request.used_files, request.travelling))
    hidden = (path for path in staying if not any(map(path.is_relative_to, seal.allow_paths)))
    return seal.seal != "off" and any(hidden)


def _hints(
    request: PinningRequest, error: NotProvenError, reached: Collection[str]
) -> tuple[str, ...]:
    """Return ways to mend a failed proof, as far as the trace shows them."""
    attribution = request.attribution
    hints = [f"not in the list: {line}" for line in unreached(attribution, reached)]
    probed = attribution.of_kind("optional") if request.requirements.replaces_traced else ()
    hints += [f"not in the list: {describe(item)}" for item in missed(probed, error.verdict)]
    carried = {name.partition(".")[0] for name in request.carried.names}
    own = {item.module.partition(".")[0]: item.file for item in attribution.first_party}
    nobodys = {item.name.partition(".")[0]: str(item) for item in attribution.unlisted}
    for name in error.verdict.missing:
        top = name.partition(".")[0]
        if top in own and top not in carried:
            whose = f"in site-packages ({nobodys[top]})" if top in nobodys else "of your own"
            hints.append(f"{name} is a module {whose} that is not carried: {own[top]}")
    staying = staying_files(request.used_files, request.carried.files.values())
    leaks = [leak.name for leak in error.verdict.leaks]
    hints += on_failure(staying, leaks, request.project_files.places)
    return tuple(hints)
