"""What a settled set is told as: why each pin is there, what was left out, what to know besides."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.siblings import envfiles, resolver
from ..folder import code
from ..pins.conda_env import CondaEnv
from ..worker.job import Material
from .account import Account, LeftOut
from .capture import Captured
from .inputs import Given
from .prove import Choice
from .write_folder import env_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a captured run showed, parted by how it travels."""

    attribution: resolver.Attribution
    packed: tuple[resolver.Project, ...]
    """Editable installs that travel as wheels."""
    named_only: tuple[resolver.Attributed, ...]
    """What the model's code names and no run showed."""
    material: Material
    carried: code.Plan

    def traced(self, kept: Iterable[resolver.Attributed]) -> list[resolver.Distribution]:
        """Return the distributions to start from, with those of the optional ones that are kept."""
        roots = self.attribution.of_kind("direct", "input")
        found = [item.distribution for item in (*roots, *self.named_only, *kept)]
        return found + [project.distribution for project in self.packed if project.ran]

    @property
    def travelling(self) -> list[resolver.Distribution]:
        """The editable installs whose code travels by itself."""
        return [project.distribution for project in self.attribution.projects]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A set that was chosen, and all that is written of it."""

    choice: Choice
    seen: Seen
    resolution: resolver.Resolution
    """The pins as they are written."""
    reasons: Mapping[str, str]
    lock: envfiles.Lock | None


def accounted(
    settled: Settled,
    captured: Captured,
    given: Given,
    provided: resolver.Resolution,
    *,
    path: Path,
    installed: resolver.Installed,
    target: resolver.Target,
    version: str,
    options: tuple[str, ...],
    seconds: Mapping[str, float],
) -> Account:
    """Account for a set; the sizes of what is written are not known yet."""
    choice, attribution = settled.choice, settled.seen.attribution
    resolution, carried = settled.resolution, settled.seen.carried
    there_too = {pin.name for pin in (*resolution.pins, *provided.pins)}
    ran = version or captured.python.version
    account = Account(
        path=path,
        python=given.conda.python_for(ran) if given.conda else ran,
        resolution=resolution,
        reasons=settled.reasons,
        left_out=tuple(
            LeftOut(item.distribution.name, str(item.distribution.version), asked_by(item))
            for item in attribution.of_kind("optional")
            if item.distribution.name not in there_too
        ),
        lock=settled.lock,
        unreached=unreached(attribution, there_too),
        dropped=tuple(str(line.origin) for line in given.merge((), target).dropped),
        constraints=given.limits(target),
        conda=given.conda,
        provided=tuple(str(pin.requirement) for pin in provided.pins),
        first_party=carried.names,
        not_carried=carried.left_out,
        read_files=_read_files(captured, carried),
        verdict=choice.verdict,
        deterministic=captured.deterministic,
        traced=captured.prediction["type"] != "none",
        notes=(
            *resolution.notes,
            *_version_notes(version, captured),
            *_conda_notes(given.conda, provided),
            *captured.trace.notes,
        ),
        sizes={"environment": _size(choice.resolution, installed)},
        seconds=seconds,
        options=options,
    )
    return replace(account, notes=(*account.notes, *env_spec(account, installed).notes))


def explained(choice: Choice, seen: Seen) -> dict[str, str]:
    """Say for each pin why it is there, in the words that the files carry."""
    kinds = {"direct": "imported by the model", "input": "imported by the input example"}
    known = {
        item.distribution.name: kinds[item.kind]
        for item in seen.attribution.of_kind("direct", "input")
    }
    for item in seen.named_only:
        known[item.distribution.name] = f"named in {asked_by(item)}, not traced"
    for project in seen.packed:
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
    """Name the line that first asked for a distribution."""
    first = next(iter(item.evidence), None)
    if first is None or first.file is None:
        return "the model"
    return f"{first.file}:{first.line}" if first.line else first.file


def unreached(attribution: resolver.Attribution, reached: Collection[str]) -> tuple[str, ...]:
    """List what was imported for the model itself and is in no pin (a list of the user's rules)."""
    return tuple(
        described(item)
        for item in attribution.of_kind("direct", "input", "declared")
        if item.distribution.name not in reached
    )


def described(item: resolver.Attributed) -> str:
    """Name a distribution and who asked for it."""
    return f"{item.distribution.name}=={item.distribution.version} ({asked_by(item)})"


def measured(account: Account, folder: Path, model: Path) -> Account:
    """Complete an account with the sizes of what was written into `folder`."""
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


def _size(resolution: resolver.Resolution, installed: resolver.Installed) -> int:
    """Add up the bytes of the pinned distributions that are installed at that version."""
    total = 0
    for pin in resolution.pins:
        distribution = installed.get(pin.name)
        if distribution is not None and distribution.version == pin.version:
            total += distribution.size
    return total
