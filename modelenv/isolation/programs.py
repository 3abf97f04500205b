"""The programs of the pinned distributions: a replica's own, which run in it.

An installer writes into a script which interpreter runs it, so a link to the script would lead out
of the replica: a copy is made that names the replica's interpreter. Windows starts such scripts
through a compiled launcher that holds the path; none is made there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# How installers begin a script whose interpreter has too long a path, or one with spaces, for #!.
_BY_SHELL = b"#!/bin/sh\n'''exec'"
_SHELL_LINES = 3
_LONGEST = 126


def add(source: Path, interpreter: Path) -> None:
    """Put the program `source` beside `interpreter`; one in Python is made to be run by it."""
    if os.name != "posix":
        return
    target = interpreter.parent / source.name
    body = _body(source)
    if body is None:
        target.symlink_to(source)
    else:
        target.write_bytes(_head(interpreter) + body)
        target.chmod(0o755)


def without(environment: Mapping[str, str], programs: Path, base: Path) -> dict[str, str]:
    """Return `environment` with a PATH that does not lead to the folder `programs`.

    What is installed beside the model's interpreter would be a way out of a replica. The folder of
    the `base` interpreter is the system's, and stays.
    """
    entries = environment.get("PATH", "").split(os.pathsep)
    kept = [entry for entry in entries if Path(entry) != programs or programs == base.parent]
    return {**environment, "PATH": os.pathsep.join(kept)}


def _body(source: Path) -> bytes | None:
    """Return a Python script without the lines that name its interpreter; None: no such script."""
    data = source.read_bytes()
    if data.startswith(_BY_SHELL):
        return data.split(b"\n", _SHELL_LINES)[-1]
    first, _, rest = data.partition(b"\n")
    return rest if first.startswith(b"#!") and b"python" in first else None


def _head(interpreter: Path) -> bytes:
    line = f"#!{interpreter}\n"
    if len(line) <= _LONGEST and " " not in line[:-1]:
        return line.encode()
    return f"#!/bin/sh\n'''exec' \"{interpreter}\" \"$0\" \"$@\"\n' '''\n".encode()
