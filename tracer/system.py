"""Which packages of the operating system own shared libraries: what an image will need."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable

_USR = "/usr"


def system_packages(libraries: Iterable[str]) -> dict[str, str | None]:
    """Map each library's path to the Debian package that owns it; None where that is not known.

    `libraries` are what :meth:`tracer.Trace.touched` tells of kind `library`. Asks dpkg once; on a
    system without it nothing is known.

    >>> system_packages(["/nowhere/libabsent.so"])
    {'/nowhere/libabsent.so': None}
    """
    known: dict[str, str | None] = dict.fromkeys(libraries)
    query = shutil.which("dpkg-query")
    if query is None or not known:
        return known
    spellings = {spelling: path for path in known for spelling in _spellings(path)}
    command = [query, "--search", *sorted(spellings)]
    # It fails where one of the files is nobody's, and still answers for the others.
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in answer.stdout.splitlines():
        package, _, file = line.rpartition(": ")
        path = spellings.get(file)
        if path is not None and not package.startswith("diversion by"):
            known[path] = package.partition(",")[0].partition(":")[0]
    return known


def _spellings(path: str) -> set[str]:
    """Return the names that dpkg may know a file by: newer systems link /lib to /usr/lib."""
    found = {path, os.path.realpath(path)}
    found |= {each[len(_USR) :] for each in found if each.startswith(_USR + "/lib")}
    return found | {_USR + each for each in found if each.startswith("/lib")}
