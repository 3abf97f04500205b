"""Build the account of a pinned set: the reason for each pin, what was left out, and remarks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from ..base.addresses.masks import masked
from ..base.siblings import envfiles, resolver
from ..base.text import be, counted, few
from ..environments.spec import minor
from ..folder.code.code_plan import CodePlan
from ..folder.documents.names import CODE
from ..pins.change.idle_lines import idle_entries, idle_lines, idle_notes, listed, unkept_lines
from ..pins.conda_env import CondaEnv
from ..pins.lock_entries import are_placed, is_hashed, lock_at_hand, requiring_hashes, with_hashes
from ..pins.origins import origin_notes, unasked_notes
from ..pins.package_sources import FIND_WHEELS, NO_INDEX, iter_untold
from ..pins.pin_set import comes_built, iter_settings, iter_unpinned
from ..pins.reasons import Reasons
from ..pins.variables import as_written
from ..system.bases import this_release
from ..system.find_packages import find_packages
from ..system.use import SystemUse
from .account import Account, LeftOut
from .inputs import UserRequirements
from .observe.capture import Captured
from .observe.lazy_imports import find_unused
from .observe.remarks import iter_remarks
from .observe.used_files import staying_files, without_askers
from .proving.choose import Choice
from .proving.prove import Prover
from .request.pinning import PinningRequest

_BUILD = ("pip", "setuptools", "wheel")


def build_account(prover: Prover, choice: Choice) -> Account:
    """Return the account of a proven set, without the sizes of its files.

    It is locked if all digests are known. Bundled wheels that the pins do not need are removed.
    """
    request, captured = prover.request, prover.request.captured
    requirements, attribution = request.requirements, request.attribution
    reasons = reasons_for(request, choice)
    resolution, lock = _pinned(prover, choice, reasons)
    provided = request.stand_ins(choice.resolution)
    present = {pin.name for pin in (*resolution.pins, *provided.pins)}
    spec = _environment(prover, resolution, lock, reasons)
    target = request.environment.target
    merged = requirements.merge((), target)
    elsewhere = listed(merged.dropped)
    idle, unkept = (some(elsewhere, target, present) for some in (idle_lines, unkept_lines))
    spec = replace(spec, requirements=(*spec.requirements, *idle_entries(idle)))
    left_out = [
        item for item in attribution.of_kind("optional") if item.distribution.name not in present
    ]
    unneeded = {item.distribution.name for item in left_out}
    used = without_askers(request.used_files, unneeded)
    account = Account(
        path=request.path,
        environment=spec,
        resolution=resolution,
        reasons=reasons,
        left_out=tuple(
            LeftOut(item.distribution.name, str(item.distribution.version), asked_by(item))
            for item in left_out
        ),
        unused_lazy=find_unused(captured, request.installed, present, request.carried),
        unreached=unreached(attribution, present),
        dropped=tuple(str(line.origin) for line in merged.dropped if line not in idle),
        provided=tuple(str(pin.requirement) for pin in provided.pins),
        first_party=request.carried.names,
        not_carried=(*request.carried.left_out, *request.project_files.left_out),
        unlisted=tuple(_unlisted(attribution, request.carried)),
        used_files=staying_files(used, request.travelling),
        project_files=request.project_files,
        system=SystemUse(
            this_release(),
            find_packages((*used, *request.named_files), present, at_hand=request.prepared.system),
        ),
        verdict=choice.verdict,
        repeatability=choice.repeatability,
        second_call=captured.second_call,
        variables=captured.variables,
        traced=captured.prediction["type"] != "none",
        notes=(
            *idle_notes(idle, unkept, resolution.notes),
            *_version_notes(request.version, captured),
            *_conda_notes(requirements.conda, provided),
            *_choice_notes(choice),
            *iter_remarks(attribution, present),
            *_line_notes(requirements, merged, spec, resolution),
            *request.unread,
            *captured.trace.notes,
            *spec.notes,
        ),
        as_of=requirements.indexes.dated,
        sizes={"environment": _size(choice.resolution, request.installed)},
        seconds=request.watch.seconds,
    )
    told: Account = masked(account, envfiles.protect)  # the same masks as in the files
    return told


def _pinned(
    prover: Prover, choice: Choice, reasons: Mapping[str, str]
) -> tuple[resolver.Resolution, envfiles.Lock | None]:
    """Return the pins as written, with the wheels that they need, and their lock."""
    bundle, requirements = prover.bundle, prover.request.requirements
    complete = prover.complete(choice.resolution)
    bundle.prune(complete)
    resolution = as_written(
        complete, requirements.written, requirements.environment, prover.options
    )
    target = prover.request.environment.target
    lock = lock_at_hand(resolution, reasons, bundle.folder, target)
    checked = lock is not None and is_hashed(lock)
    notes = [*resolution.notes, *bundle.notes(choice.resolution, checked=checked)]
    asked, ask = requirements.asked_options(target), prover.request.policy.ask_index
    notes += origin_notes(complete.pins, prover.request.installed, asked, ask=ask)
    notes += unasked_notes(asked) if ask else ()
    if lock is not None:
        lock = replace(lock, as_of=requirements.indexes.dated)
    if lock is not None and not envfiles.knows_pylock():
        notes.append(f"not written: {envfiles.PackagingTooOld()}")
    return replace(resolution, notes=tuple(notes)), lock


def _environment(
    prover: Prover,
    resolution: resolver.Resolution,
    lock: envfiles.Lock | None,
    reasons: Mapping[str, str],
) -> envfiles.EnvSpec:
    """Return the pins as an environment, with the installed build tools."""
    request, conda = prover.request, prover.request.requirements.conda
    ran = request.version.removesuffix("t") or request.captured.python.version
    python = conda.python_for(ran) if conda else ran
    entries = tuple(
        envfiles.Entry(
            str(pin.requirement),
            reasons[pin.name],
            hashes=pin.hashes,
            settings=() if comes_built(pin) else pin.settings,
        )
        for pin in resolution.pins
    )
    traced = minor(python) == minor(request.installed.target.python_version)
    found = {name: request.installed.get(name) if traced else None for name in _BUILD}
    builds = tuple(f"{name}=={d.version}" if d else name for name, d in found.items())
    # Indexes in pip's configuration belong to this user; they do not travel.
    travels = prover.bundle.folder.is_dir()
    bundled = travels and any(pin.source == "wheels" for pin in resolution.pins)
    spec = envfiles.EnvSpec(
        python=python,
        requirements=entries,
        constraints=request.requirements.limits(request.environment.target),
        build_dependencies=builds,
        options=(
            *((NO_INDEX,) if prover.no_index and are_placed(resolution.pins) else ()),
            *prover.options,
            *((FIND_WHEELS,) if bundled else ()),
        ),
    )
    if conda is not None:
        spec = replace(
            spec,
            name=conda.name or spec.name,
            channels=conda.channels,
            conda_dependencies=conda.dependencies,
        )
    spec = requiring_hashes(spec)
    if lock is None:
        return spec
    hashed = with_hashes(spec, spec.requirements, lock)
    return hashed if envfiles.knows_pylock() else replace(hashed, lock=None)


def reasons_for(request: PinningRequest, choice: Choice) -> dict[str, str]:
    """Return the reason for each pin, as the files state it."""
    kinds = {"direct": "imported by the model", "input": "imported by the input example"}
    known = {
        item.distribution.name: kinds[item.kind]
        for item in request.attribution.of_kind("direct", "input")
    }
    for item in request.named_only:
        known[item.distribution.name] = f"named in {asked_by(item)}, not traced"
    for project in request.packed:
        known[project.distribution.name] = "an editable install, as it ran"
    for item in choice.kept:
        known[item.distribution.name] = _kept_for(item, choice)
    pins = {pin.name for pin in choice.resolution.pins}
    carried = _asked_by_code(request)
    reasons = {}
    for pin in choice.resolution.pins:
        reasons[pin.name] = str(
            Reasons(
                own=(known[pin.name],) if pin.name in known else (),
                parents=tuple(each for each in pin.via if each in pins),
                lines=(
                    *carried.get(pin.name, ()),
                    *(each for each in pin.via if each not in pins),
                ),
            )
        )
    return reasons


def _asked_by_code(request: PinningRequest) -> dict[str, tuple[str, ...]]:
    """Return, by required name, the editable installs that require it and travel as code."""
    asking: dict[str, tuple[str, ...]] = {}
    for project in request.projects:
        for need in project.needs(request.environment.target):
            name = canonicalize_name(need.name)
            asking[name] = (*asking.get(name, ()), f"{project.name} ({CODE}/)")
    return asking


def _kept_for(item: resolver.Attributed, choice: Choice) -> str:
    """Return the reason to keep an optional distribution, with the evidence."""
    if item in choice.found.items:
        return f"needed by the prediction, found in {counted(choice.found.runs, 'trial')}"
    if item.distribution.name in choice.needed and not item.evidence:
        return "needed by the prediction, whose failure without it names it"
    if item.distribution.name in choice.needed:
        by_extra = f"; {item.extra} asks for it" if item.extra else ""
        return f"needed by the prediction ({asked_by(item)}{by_extra})"
    if item.called is not None:
        return f"called while predicting ({item.called.place})"
    return f"imported by a library ({asked_by(item)})"


def asked_by(item: resolver.Attributed) -> str:
    """Return the file and line that first imported a distribution or used it otherwise."""
    known = (each for each in item.evidence if each.file is not None)
    first = next(known, next(iter(item.evidence), None))
    return "the model" if first is None else str(first)


def unreached(attribution: resolver.Attribution, reached: Collection[str]) -> tuple[str, ...]:
    """Return what the model itself imported that is not among the pins of the user's list."""
    return tuple(
        describe(item)
        for item in attribution.of_kind("direct", "input", "declared")
        if item.distribution.name not in reached
    )


def describe(item: resolver.Attributed) -> str:
    """Return a distribution's name, version, and first importer."""
    return f"{item.distribution.name}=={item.distribution.version} ({asked_by(item)})"


def with_sizes(account: Account, folder: Path, model: Path) -> Account:
    """Return the account with the sizes of what was written to `folder`."""
    written = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    sizes = {"model": model.stat().st_size, "folder": written, **account.sizes}
    return replace(account, sizes=sizes)


def _choice_notes(choice: Choice) -> Iterator[str]:
    """Yield remarks on how the pins were chosen."""
    kept = [item.distribution.name for item in choice.kept]
    if choice.nothing_left_out and kept:
        yield "nothing could be compared, so nothing that was imported or used was left out"
    found = choice.found
    if found.items:
        names = few([item.distribution.name for item in found.items])
        yield (
            f"no trace shows why {names} {be(len(found.items))} needed:"
            f" trials with {counted(found.tried, 'other installed distribution')} show it"
        )


def _version_notes(version: str, captured: Captured) -> Iterator[str]:
    if version:
        yield (
            f"traced in Python {captured.python.version}, and resolved for {version}: imports"
            " that libraries make only in the latter were not seen"
        )


def _line_notes(
    requirements: UserRequirements,
    merged: resolver.RequirementSet,
    spec: envfiles.EnvSpec,
    resolution: resolver.Resolution,
) -> Iterator[str]:
    """Yield notes on the user's lines that have no effect or that no file can contain."""
    yield from requirements.notes
    yield from iter_untold(
        resolver.Lines(options=merged.options), no_index=NO_INDEX in spec.options
    )
    yield from iter_unpinned(merged, resolution)
    yield from iter_settings(resolution.pins)
    in_conda = requirements.conda_pip
    if in_conda is not None and any(pin.hashes for pin in resolution.pins):
        hashed = {canonicalize_name(e.requirement.name) for e in in_conda.requirements if e.hashes}
        if any(pin.name not in hashed for pin in resolution.pins):
            yield "conda.yaml is as it was given: pip asks for hashes on all of its pip section"


def _conda_notes(conda: CondaEnv | None, provided: resolver.Resolution) -> Iterator[str]:
    """Yield notes on conda's packages and the pins that replace them."""
    if conda is None or not conda.dependencies:
        return
    said = ", ".join(conda.dependencies)
    yield f"requirements.txt and python_env.yaml lack what conda installs: {said}"
    yield from provided.notes
    if provided.pins:
        named = ", ".join(str(pin.requirement) for pin in provided.pins)
        yield f"environments built without conda have these in place of its packages: {named}"


def _unlisted(attribution: resolver.Attribution, carried: CodePlan) -> Iterator[str]:
    """Yield each used file that no RECORD lists, with whether it was copied into the folder.

    Additions to a distribution's own folder are reported with the edited files.
    """
    copied = {str(source) for source in carried.files.values()}
    for each in (item for item in attribution.unlisted if item.owner is None):
        how = "copied out of it: " if each.file in copied else ""
        yield f"{each.name} ({how}{each})"


def _size(resolution: resolver.Resolution, installed: resolver.Installed) -> int:
    """Return the size in bytes of the pins that are installed at their pinned version."""
    total = 0
    for pin in resolution.pins:
        distribution = installed.get(pin.name)
        if distribution is not None and distribution.version == pin.version:
            total += distribution.size
    return total
