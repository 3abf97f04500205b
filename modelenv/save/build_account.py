"""Build the account of a pinned set: why each pin is there, what was left out, what to know."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.siblings import envfiles, resolver
from ..folder import code
from ..pins.conda_env import CondaEnv
from .account import Account, LeftOut
from .capture import Captured
from .prove import Choice
from .request import ObservedRun, PinningRequest
from .write_folder import env_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedSet:
    """A set that was chosen, and all that is written of it."""

    choice: Choice
    observed: ObservedRun
    resolution: resolver.Resolution
    """The pins as they are written."""
    reasons: Mapping[str, str]
    provided: resolver.Resolution
    """The pins of what conda installs."""
    lock: envfiles.Lock | None
    options: tuple[str, ...]
    """How pip finds the files."""


def build_account(request: PinningRequest, pinned: PinnedSet) -> Account:
    """Return the account of a pinned set; the sizes of what is written are not known yet."""
    captured, requirements = request.captured, request.requirements
    attribution, carried = pinned.observed.attribution, pinned.observed.carried
    resolution, provided = pinned.resolution, pinned.provided
    conda, target = requirements.conda, request.environment.target
    present = {pin.name for pin in (*resolution.pins, *provided.pins)}
    ran = request.version or captured.python.version
    account = Account(
        path=request.path,
        python=conda.python_for(ran) if conda else ran,
        resolution=resolution,
        reasons=pinned.reasons,
        left_out=tuple(
            LeftOut(item.distribution.name, str(item.distribution.version), asked_by(item))
            for item in attribution.of_kind("optional")
            if item.distribution.name not in present
        ),
        lock=pinned.lock,
        unreached=unreached(attribution, present),
        dropped=tuple(str(line.origin) for line in requirements.merge((), target).dropped),
        constraints=requirements.limits(target),
        conda=conda,
        provided=tuple(str(pin.requirement) for pin in provided.pins),
        first_party=carried.names,
        not_carried=carried.left_out,
        read_files=_read_files(captured, carried),
        verdict=pinned.choice.verdict,
        repeatability=pinned.choice.repeatability,
        second_call=captured.second_call,
        variables=captured.variables,
        traced=captured.prediction["type"] != "none",
        notes=(
            *resolution.notes,
            *_version_notes(request.version, captured),
            *_conda_notes(conda, provided),
            *captured.trace.notes,
        ),
        sizes={"environment": _size(pinned.choice.resolution, request.installed)},
        seconds=request.watch.seconds,
        options=pinned.options,
    )
    return replace(account, notes=(*account.notes, *env_spec(account, request.installed).notes))


def reasons_for(choice: Choice, observed: ObservedRun) -> dict[str, str]:
    """Return for each pin why it is there, as the files state it."""
    kinds = {"direct": "imported by the model", "input": "imported by the input example"}
    known = {
        item.distribution.name: kinds[item.kind]
        for item in observed.attribution.of_kind("direct", "input")
    }
    for item in observed.named_only:
        known[item.distribution.name] = f"named in {asked_by(item)}, not traced"
    for project in observed.packed:
        known[project.distribution.name] = "an editable install, as it ran"
    kept = "needed by the prediction" if choice.tried else "imported by a library"
    for item in choice.kept:
        by_extra = f"; {item.extra} asks for it" if item.extra else ""
        known[item.distribution.name] = f"{kept} ({asked_by(item)}{by_extra})"
    reasons = {}
    for pin in choice.resolution.pins:
        parts = [known[pin.name]] if pin.name in known else []
        parts += [f"via {', '.join(pin.via)}"] if pin.via else []
        reasons[pin.name] = "; ".join(parts)
    return reasons


def asked_by(item: resolver.Attributed) -> str:
    """Return the file and the line that first imported a distribution."""
    first = next(iter(item.evidence), None)
    if first is None or first.file is None:
        return "the model"
    return f"{first.file}:{first.line}" if first.line else first.file


def unreached(attribution: resolver.Attribution, reached: Collection[str]) -> tuple[str, ...]:
    """Return what was imported for the model itself and is in no pin of the user's list."""
    return tuple(
        describe(item)
        for item in attribution.of_kind("direct", "input", "declared")
        if item.distribution.name not in reached
    )


def describe(item: resolver.Attributed) -> str:
    """Return a distribution with its version and who imported it."""
    return f"{item.distribution.name}=={item.distribution.version} ({asked_by(item)})"


def with_sizes(account: Account, folder: Path, model: Path) -> Account:
    """Return the account with the sizes of what was written into `folder`."""
    written = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    sizes = {"model": model.stat().st_size, "folder": written, **account.sizes}
    return replace(account, sizes=sizes)


def _version_notes(version: str, captured: Captured) -> Iterator[str]:
    if version:
        yield (
            f"traced in Python {captured.python.version}, and resolved for {version}: what"
            " libraries import in that one alone was not seen"
        )


def _conda_notes(conda: CondaEnv | None, provided: resolver.Resolution) -> Iterator[str]:
    """Yield notes on what conda installs instead of pip, and on the pins that stand in for it."""
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
    """Return the data files that the run read, without the system's and the folder's."""
    names = {touch.name for touch in captured.trace.touches if touch.kind == "file"}
    travelling = {os.path.realpath(source) for source in carried.files.values()}
    names = {name for name in names if os.path.realpath(name) not in travelling}
    return tuple(sorted(name for name in names if not name.startswith(_SYSTEM)))


def _size(resolution: resolver.Resolution, installed: resolver.Installed) -> int:
    """Return the bytes of the pinned distributions that are installed at that version."""
    total = 0
    for pin in resolution.pins:
        distribution = installed.get(pin.name)
        if distribution is not None and distribution.version == pin.version:
            total += distribution.size
    return total
