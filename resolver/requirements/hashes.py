"""Digests that the files of a name may have, as lines state them (`--hash`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import ContradictoryLinesError, InvalidLine, RequirementsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .lines import Line, OptionLike

_SWITCHES = {"--require-hashes": True, "--no-require-hashes": False}
HASH = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
"""A digest in the form that pip accepts."""

_ARCHIVE = re.compile(r"\.(whl|zip|tar|t(ar\.)?(gz|bz2?|xz|lz|lzma)|tbz|tlz)$", re.IGNORECASE)


def allowed_hashes(lines: Iterable[Line]) -> dict[str, frozenset[str]]:
    """Return the digests allowed by name: those in every line with hashes.

    The digests of one line are alternatives. Another algorithm counts as another digest.
    """
    allowed: dict[str, frozenset[str]] = {}
    for line in lines:
        name, said = line.requirement.name, frozenset(line.hashes)
        allowed[name] = allowed.get(name, said) & said
    return allowed


def all_hashes_asked(options: Iterable[OptionLike]) -> bool | None:
    """Return whether options ask for hashes of all files; None if no option is about it."""
    said = [_SWITCHES[each.name] for each in options if each.name in _SWITCHES]
    return said[-1] if said else None


def check_hashes(lines: Iterable[Line], asked: Collection[str]) -> None:
    """Raise `ContradictoryLinesError` if the lines on an `asked` name have no hash in common.

    Raise `RequirementsError` for malformed hashes, and for hashes of anything but a single file,
    with all such lines.
    """
    hashed = list(lines)
    faults = [InvalidLine(str(line.origin), reason) for line in hashed if (reason := _fault(line))]
    if faults:
        raise RequirementsError(tuple(faults))
    for name, hashes in sorted(allowed_hashes(hashed).items()):
        if name in asked and not hashes:
            same = (line for line in hashed if line.requirement.name == name)
            raise ContradictoryLinesError(name, tuple(str(line.origin) for line in same))


def _fault(line: Line) -> str:
    """Return why no file can satisfy a line's hashes; empty if one can."""
    wrong = [each for each in line.hashes if not HASH.fullmatch(each)]
    if wrong:
        return f"no file has the hash {wrong[0]}: one is sha256: and 64 hex digits, or longer"
    url = urlsplit(line.requirement.url or "")
    if line.editable:
        return "an editable install is no file that has a hash: take --hash away"
    if "+" in url.scheme:
        return "a repository is no file that has a hash: take --hash away"
    if url.scheme == "file" and not _ARCHIVE.search(url.path):
        return "a folder is no file that has a hash: take --hash away"
    return ""
