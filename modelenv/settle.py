"""From a captured run to a pinned set that is proven: attribute, resolve, prove, account."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from .capture import Captured, Material
from .conda_env import CondaEnv, stand_ins
from .diagnosis.names import installed_owners
from .errors import NotProvenError
from .given import Given, Policy
from .local import Bundle, part_projects
from .lock_entries import is_hashed, lock_at_hand
from .model import code
from .model.directory import env_spec
from .prove import Choice, Prover, choose, missed
from .repin import target_of
from .saved import Account, LeftOut
from .settings import Settings
from .siblings import resolver
from .stopwatch import Stopwatch
from .variables import as_written

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
        attribution = resolver.attribute(
            captured.trace.records, installed, named=captured.named, stdlib=captured.python.stdlib
        )
        named = given.names(installed.target)
        attribution, packed = part_projects(attribution, carries_code=carries_code, named=named)
        material, carried = gather(attribution)
    roots = attribution.of_kind("direct", "input")
    traced_names = {item.distribution.name for item in roots}
    named_only = [
        each for each in unseen(attribution) if each.distribution.name not in traced_names
    ]
    bundle = Bundle(wheels, installed, packed)
    there = _elsewhere(version, captured) if version else installed

    def resolve(kept: Sequence[resolver.Attributed]) -> resolver.Resolution:
        with watch("resolve"):
            traced = [item.distribution for item in (*roots, *named_only, *kept)]
            traced += [project.distribution for project in packed if project.ran]
            projects = [project.distribution for project in attribution.projects]
            merged = given.merge(traced, there.target, projects)
            preferred = () if there is installed else installed
            return resolver.resolve(merged, there, strict=policy.strict, preferences=preferred)

    def brought(resolution: resolver.Resolution) -> resolver.Resolution:
        return stand_ins(given.conda, resolution, there, installed)

    prover = Prover(
        material=material,
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
    listed = given.is_whole
    optional = () if listed else attribution.of_kind("optional")
    try:
        owners = _no_owners if listed else partial(_owners, installed)
        choice = choose(optional, resolve, prover.prove, policy, owners)
    except NotProvenError as error:
        least = resolve(())
        reached = {pin.name for pin in (*least.pins, *brought(least).pins)}
        error.hints = _hints(attribution, carried.names, error, reached, listed=listed)
        raise
    resolution = bundle.complete(choice.resolution)
    bundle.prune(resolution)
    resolution = as_written(resolution, given.written, given.environment, prover.options)
    reasons = _reasons(choice, attribution, packed, named_only)
    lock = lock_at_hand(resolution, reasons, wheels, there.target)
    checked = lock is not None and is_hashed(lock)
    notes = (*resolution.notes, *bundle.notes(choice.resolution, checked=checked))
    said = given.merge((), there.target)
    provided = brought(choice.resolution)
    there_too = {pin.name for pin in (*resolution.pins, *provided.pins)}
    account = Account(
        path=path,
        python=(given.conda.python if given.conda else "") or version or captured.python.version,
        resolution=replace(resolution, notes=notes),
        reasons=reasons,
        left_out=tuple(
            LeftOut(item.distribution.name, str(item.distribution.version), _asked_by(item))
            for item in attribution.of_kind("optional")
            if item.distribution.name not in there_too
        ),
        lock=lock,
        unreached=_unreached(attribution, there_too),
        dropped=tuple(str(line.origin) for line in said.dropped),
        constraints=given.limits(there.target),
        conda=given.conda,
        provided=tuple(str(pin.requirement) for pin in provided.pins),
        first_party=carried.names,
        not_carried=carried.left_out,
        read_files=_read_files(captured, carried),
        verdict=choice.verdict,
        deterministic=captured.deterministic,
        traced=captured.prediction["type"] != "none",
        notes=(
            *notes,
            *_version_notes(version, captured),
            *_conda_notes(given.conda, provided),
            *captured.trace.notes,
        ),
        sizes={"environment": _size(choice.resolution, installed)},
        seconds=watch.seconds,
        options=prover.options,
    )
    return replace(account, notes=(*account.notes, *env_spec(account, installed).notes))


def _elsewhere(version: str, captured: Captured) -> resolver.Installed:
    """Return another version of Python on this platform, with nothing installed in it."""
    return resolver.Installed((), target_of(version, captured.python.markers))


def _version_notes(version: str, captured: Captured) -> Iterator[str]:
    if version:
        yield (
            f"traced in Python {captured.python.version}, and resolved for {version}: what"
            " libraries import in that one alone was not seen"
        )


def _conda_notes(conda: CondaEnv | None, provided: resolver.Resolution) -> Iterator[str]:
    """Say what the pins do not hold because conda installs it, and what stood for it."""
    if conda is None or not conda.dependencies:
        return
    said = ", ".join(conda.dependencies)
    yield f"requirements.txt and python_env.yaml lack what conda installs: {said}"
    yield from provided.notes
    if provided.pins:
        named = ", ".join(str(pin.requirement) for pin in provided.pins)
        yield f"where conda does not build the environment, these stand for its packages: {named}"


# What every system has, or makes itself.
_SYSTEM = ("/usr/", "/etc/", "/proc/", "/sys/", "/dev/", "/lib", "/bin/", "/run/", "/System/")


def _read_files(captured: Captured, carried: code.Plan) -> tuple[str, ...]:
    """List the data files that the run read and that are neither the system's nor the folder's."""
    names = {touch.name for touch in captured.trace.touches if touch.kind == "file"}
    travelling = {os.path.realpath(source) for source in carried.files.values()}
    names = {name for name in names if os.path.realpath(name) not in travelling}
    return tuple(sorted(name for name in names if not name.startswith(_SYSTEM)))


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


def _reasons(
    choice: Choice,
    attribution: resolver.Attribution,
    packed: Sequence[resolver.Project],
    named_only: Sequence[resolver.Attributed],
) -> dict[str, str]:
    """Say for each pin why it is there, in the words that the files carry."""
    kinds = {"direct": "imported by the model", "input": "imported by the input example"}
    known = {
        item.distribution.name: kinds[item.kind] for item in attribution.of_kind("direct", "input")
    }
    for item in named_only:
        known[item.distribution.name] = f"named in {_asked_by(item)}, not traced"
    for project in packed:
        known[project.distribution.name] = "an editable install, as it ran"
    kept = "needed by the prediction" if choice.tried else "imported by a library"
    for item in choice.kept:
        by_extra = f"; {item.extra} asks for it" if item.extra else ""
        known[item.distribution.name] = f"{kept} ({_asked_by(item)}{by_extra})"
    reasons = {}
    for pin in choice.resolution.pins:
        parts = [known[pin.name]] if pin.name in known else []
        parts += [f"via {', '.join(pin.via)}"] if pin.via else []
        reasons[pin.name] = "; ".join(parts)
    return reasons


def _asked_by(item: resolver.Attributed) -> str:
    """Name the line that first asked for a distribution."""
    first = next(iter(item.evidence), None)
    if first is None or first.file is None:
        return "the model"
    return f"{first.file}:{first.line}" if first.line else first.file


def _unreached(attribution: resolver.Attribution, reached: Collection[str]) -> tuple[str, ...]:
    """List what was imported for the model itself and is in no pin (a list of the user's rules)."""
    return tuple(
        _line(item)
        for item in attribution.of_kind("direct", "input", "declared")
        if item.distribution.name not in reached
    )


def _line(item: resolver.Attributed) -> str:
    return f"{item.distribution.name}=={item.distribution.version} ({_asked_by(item)})"


def _hints(
    attribution: resolver.Attribution,
    first_party: Sequence[str],
    error: NotProvenError,
    reached: Collection[str],
    *,
    listed: bool,
) -> tuple[str, ...]:
    """Say what would mend a failed proof, as far as the trace tells."""
    hints = [f"not in the list: {line}" for line in _unreached(attribution, reached)]
    probed = attribution.of_kind("optional") if listed else ()
    hints += [f"not in the list: {_line(item)}" for item in missed(probed, error.verdict.missing)]
    carried = {name.partition(".")[0] for name in first_party}
    own = {item.module.partition(".")[0]: item.file for item in attribution.first_party}
    for name in error.verdict.missing:
        top = name.partition(".")[0]
        if top in own and top not in carried:
            hints.append(f"{name} is a module of your own that is not carried: {own[top]}")
    return tuple(hints)


def _size(resolution: resolver.Resolution, installed: resolver.Installed) -> int:
    """Add up the bytes of the pinned distributions that are installed at that version."""
    total = 0
    for pin in resolution.pins:
        distribution = installed.get(pin.name)
        if distribution is not None and distribution.version == pin.version:
            total += distribution.size
    return total


def measured(account: Account, folder: Path, model: Path) -> Account:
    """Complete an account with the sizes of what was written into `folder`."""
    written = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    sizes = {"model": model.stat().st_size, "folder": written, **account.sizes}
    return replace(account, sizes=sizes)
