"""Operating system packages that own files, libraries and programs, as images need them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable

# Newer systems link the first of each to the second, and dpkg may know a file by either.
_MERGED = tuple((f"/{name}", f"/usr/{name}") for name in ("bin", "sbin", "lib"))


def system_packages(files: Iterable[str], *, timeout: float = 60.0) -> dict[str, str | None]:
    """Return the Debian package that owns each file; None if that is unknown.

    `files` are those of :meth:`tracer.Trace.touched` of the kinds `file`, `library` and `program`.
    A link to another file, such as ``/usr/bin/awk``, has that file's owner. Runs dpkg once; on a
    system without it, or if it does not answer within `timeout` seconds, all are None.

    >>> system_packages(["/nowhere/libabsent.so"])
    {'/nowhere/libabsent.so': None}
    """
    known: dict[str, str | None] = dict.fromkeys(files)
    query = shutil.which("dpkg-query")
    spellings: dict[str, list[str]] = defaultdict(list)
    for path in known:
        for spelling in _spellings(path):
            spellings[spelling].append(path)
    if query is None or not spellings:
        return known
    command = [query, "--search", *sorted(map(_literal, spellings))]
    # It fails if one of the files has no owner, and still answers for the others.
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return known
    for line in answer.stdout.splitlines():
        package, _, file = line.rpartition(": ")
        if not package.startswith("diversion by"):
            owner = package.partition(",")[0].partition(":")[0]
            known.update(dict.fromkeys(spellings.get(file, ()), owner))
    return known


def _spellings(path: str) -> set[str]:
    """Return the names that dpkg may know a file by; none for a relative path."""
    if not path.startswith("/"):
        return set()
    found = {path, os.path.realpath(path)}
    for old, new in _MERGED:
        found |= {old + each[len(new) :] for each in found if _leads(each, new)}
        found |= {new + each[len(old) :] for each in found if _leads(each, old)}
    return found


def _leads(path: str, prefix: str) -> bool:
    """Return whether a path begins with a folder, or with a variant of it such as ``/lib64``."""
    return path.startswith(prefix) and path[len(prefix) :].partition("/")[0] in ("", "32", "64")


def _literal(path: str) -> str:
    """Return a path escaped so that dpkg reads no pattern in it."""
    return "".join(f"\\{each}" if each in "*?[\\" else each for each in path)
