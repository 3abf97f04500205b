"""Checking that an environment made elsewhere holds what a model needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...base.siblings import resolver
from ..errors import AnotherEnvironmentError
from ..interpreter import Python
from ..spec import EnvironmentRequest, minor


def check_holding(
    request: EnvironmentRequest, python: Python, root: Path, what: str, place: Path
) -> None:
    """Raise AnotherEnvironmentError unless an environment holds exactly what is requested.

    It is in `root`, and `python` is its interpreter; `what` and `place` name it in the message.
    """
    differing = tuple(_iter_differing(request, python, root))
    if differing:
        raise AnotherEnvironmentError(what, place, differing)


def check_pins(request: EnvironmentRequest, pins: Iterable[str], pack: Path) -> None:
    """Raise AnotherEnvironmentError if a pack lacks a requested pin, or has another version.

    Additional pins, and those for some platforms only, are checked after unpacking.
    """
    has: dict[str, str] = {
        canonicalize_name(pin.partition("==")[0]): pin.partition(" ")[0] for pin in pins
    }
    asked = [each for each in map(Requirement, request.lines) if each.marker is None]
    differing = tuple(
        f"it has {has.get(canonicalize_name(each.name), 'nothing')} for {each}"
        for each in asked
        if not _is_pinned(each, has, exact=request.contents.closed)
    )
    if differing:
        raise AnotherEnvironmentError("pack", pack, differing)


def _is_pinned(asked: Requirement, has: Mapping[str, str], *, exact: bool) -> bool:
    _, pinned, version = has.get(canonicalize_name(asked.name), "").partition("==")
    return bool(pinned) and _meets(asked.specifier, Version(version), exact=exact)


def _iter_differing(request: EnvironmentRequest, python: Python, root: Path) -> Iterator[str]:
    """Yield a sentence for each difference between an environment and the request."""
    if minor(request.python_version) != minor(python.version):
        yield f"it has Python {python.version}, and the model needs {request.python_version}"
    within = [path for path in python.path if Path(path).is_relative_to(root)]
    installed = resolver.Installed(within, resolver.Target(python.markers, None))
    asked = [
        each
        for each in map(Requirement, request.lines)
        if each.marker is None or each.marker.evaluate(dict(python.markers))
    ]
    for each in asked:
        found = installed.get(each.name)
        if found is None:
            yield f"it lacks {each.name}{each.specifier}"
        elif not _meets(each.specifier, found.version, exact=request.contents.closed):
            yield f"it has {found.label} {found.version} instead of {each.name}{each.specifier}"
    names = {found.name for found in installed} - {canonicalize_name(each.name) for each in asked}
    if names:
        for name in sorted(names - _following(asked, installed)):
            surplus = installed.get(name)
            version = surplus.version if surplus else ""
            yield f"it has {name} {version}, which is no pin, and nothing requires it"


def _meets(asked: SpecifierSet, version: Version | None, *, exact: bool) -> bool:
    """Return whether a version satisfies a line.

    Without `exact`, a line that pins a builder's own number (a local or post release) is met by any
    version: the nearest available one was chosen for it.
    """
    if version is None or asked.contains(str(version), prereleases=True):
        return True
    return not exact and any(map(_is_numbered_anew, (each.version for each in asked)))


def _is_numbered_anew(text: str) -> bool:
    try:
        version = Version(text)
    except InvalidVersion:  # `==1.*`
        return False
    return version.local is not None or version.post is not None


def _following(asked: list[Requirement], installed: resolver.Installed) -> set[str]:
    """Return the names in the closure of lines: a set for another platform may have more."""
    found: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(each.name), each.extras) for each in asked]
    while waiting:
        name, extras = waiting.pop()
        distribution = installed.get(name)
        for extra in ("", *extras):
            if distribution is None or (name, extra) in found:
                continue
            found.add((name, extra))
            for line in distribution.requires_lines:
                needed = Requirement(line)
                if installed.target.admits(needed.marker, extra):
                    waiting.append((canonicalize_name(needed.name), needed.extras))
    return {name for name, _ in found}
