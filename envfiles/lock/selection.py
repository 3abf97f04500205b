"""The files an installer takes from a pylock.toml on one platform (PEP 751)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from packaging.tags import parse_tag

from ..errors import Fault, InvalidFile, Location
from .pylock import PackagingTooOld, pylock_document, read_pylock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Environment

    from .values import Locked


def select_locked(
    text: str,
    environment: Mapping[str, str],
    tags: Iterable[str],
    *,
    file: str | None = None,
) -> tuple[Locked, ...]:
    """Return the installed packages of a lock, each with one file or its reference.

    `environment` has the marker values, and `tags` the wheel tags, best first, of the installing
    interpreter. Extras are left out, and the default groups taken. Raises InvalidFile if it
    cannot be read, or is not for such an environment, and PackagingTooOld.
    """
    from packaging.pylock import PylockSelectError

    document = pylock_document(text, file=file)
    if not hasattr(document, "select"):
        raise PackagingTooOld
    known = [tag for each in tags for tag in parse_tag(each)]
    try:
        chosen = [*document.select(environment=cast("Environment", dict(environment)), tags=known)]
    except PylockSelectError as error:
        reason = f"is not for this environment: {' '.join(str(error).split())}"
        raise InvalidFile([Fault(Location(file), reason)]) from error
    locked = {(each.name, each.marker): each for each in read_pylock(text, file=file).packages}
    found = []
    for package, part in chosen:
        each = locked[package.name, str(package.marker or "")]
        name = getattr(part, "filename", "")
        files = [artifact for artifact in each.artifacts if artifact.file == name]
        found.append(each if each.reference else replace(each, artifacts=tuple(files[:1])))
    return tuple(found)
