"""The versions in a model folder, from its lists and locks, and the lines without a version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ..base.siblings import envfiles
from ..environments.spec import bundled_wheels
from ..folder.model_folder import ModelFolder
from ..pins.pin_set import is_floating
from ..wheels.advisories.pinned_versions import KnownVersion

_LOCKS = "pylock*.toml"
UV_LOCK = "uv.lock"


@dataclass(frozen=True, slots=True)
class AuditedPins:
    """A model's pins that can be looked up, and sentences on the others."""

    places: dict[KnownVersion, tuple[str, ...]]
    """The versions, each with the locks that name it if no list does."""
    travelling: frozenset[KnownVersion]
    """Those whose wheels travel with the model; their names may be private."""
    unjudged: tuple[str, ...]
    """A sentence for each pin without a version for advisories."""

    @classmethod
    def of(cls, model: ModelFolder) -> AuditedPins:
        """Read the lists and the locks of a model. Raises InvalidFile for a list."""
        found: dict[KnownVersion, list[str]] = {}
        unjudged: list[str] = []
        named = [*_iter_locks(model, unjudged)]
        locked = {pin.name for _, pin in named}
        provided = tuple(map(envfiles.Entry, model.mlmodel.provided))
        for entry in (*model.pins.entries, *provided):
            version = entry.version or _version_at(entry)
            if version:
                found[KnownVersion(entry.name, version)] = []
            elif entry.name not in locked or not is_floating(entry):
                unjudged.append(_unversioned(entry))
        for file, pin in named:
            if found.get(pin) != []:
                found.setdefault(pin, []).append(file)
        spec = model.environment
        unjudged += (f"{line}: it names no version" for line in spec.unnamed)
        if spec.conda_dependencies and not provided:
            said = ", ".join(spec.conda_dependencies)
            unjudged.append(
                f"{said}: conda installs it, and PyPI's advisories do not speak of that"
            )
        if not model.pins.closed and not named:
            lock = f"`modelenv lock -m {model.path}` pins it"
            unjudged.append(f"further requirements of the pins are in no list and no lock: {lock}")
        own = {(name, str(version)) for name, version in bundled_wheels(model.wheels)}
        return cls(
            places={pin: tuple(files) for pin, files in found.items()},
            travelling=frozenset(pin for pin in found if (pin.name, pin.version) in own),
            unjudged=tuple(unjudged),
        )


def _iter_locks(model: ModelFolder, unjudged: list[str]) -> Iterator[tuple[str, KnownVersion]]:
    """Yield the locked versions with the file of each; note the locks that cannot be read."""
    for file in sorted(model.path.glob(_LOCKS)):
        try:
            text = envfiles.read_text(file, within=model.path)
            packages = envfiles.read_pylock(text or "", file=file.name).packages
        except envfiles.EnvFilesError as error:
            unjudged.append(f"{file.name} cannot be read: {error}")
            continue
        for each in packages:
            if each.version:
                yield file.name, KnownVersion(each.name, each.version)
    try:
        project = envfiles.UvProject.read(model.path)
    except envfiles.EnvFilesError as error:
        unjudged.append(f"{UV_LOCK} cannot be read: {error}")
        return
    for name, versions in project.versions.items() if project is not None else ():
        yield from ((UV_LOCK, KnownVersion(name, version)) for version in sorted(versions))


def _version_at(entry: envfiles.Entry) -> str:
    """Return the version in the file name of a line's URL; empty if it has none.

    >>> _version_at(envfiles.Entry("torch @ https://h/torch-2.5.1%2Bcu121-py3-none-any.whl"))
    '2.5.1+cu121'
    """
    url = Requirement(entry.requirement).url
    file = PurePosixPath(unquote(urlsplit(url or "").path)).name
    try:
        if file.endswith(".whl"):
            return str(parse_wheel_filename(file)[1])
        return str(parse_sdist_filename(file)[1]) if file.endswith((".tar.gz", ".zip")) else ""
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


def _unversioned(entry: envfiles.Entry) -> str:
    if is_floating(entry):
        return f"{entry.requirement}: it leaves its version open; `modelenv lock` pins one"
    return f"{entry.requirement}: it is a reference without a known version"
