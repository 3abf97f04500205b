"""The costs of a server's processes, as Linux reports them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_LISTENS = "0A"


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    children: dict[int, list[int]] = {}
    for each in _PROC.iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                stat = (each / "stat").read_text()
                parent = int(stat.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(each.name))
    found = [pid]
    for above in found:
        found += children.get(above, [])
    return found


def listener(pid: int, port: int) -> int:
    """Return which process of a tree listens on a port; the lowest, if several do."""
    inodes = set(_listening(port))
    for each in tree(pid):
        for descriptor in (_PROC / str(each) / "fd").iterdir():
            with suppress(OSError):
                found = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
                if found and found[1] in inodes:
                    return each
    raise LookupError(f"nothing below {pid} listens on {port}")


def cpu(pid: int) -> float:
    """Return the seconds that a process took so far, all its threads together."""
    total = 0
    for task in (_PROC / str(pid) / "task").iterdir():
        with suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory(pid: int) -> float:
    """Return the megabytes of a process that are in memory."""
    with suppress(OSError):
        found = re.search(r"VmRSS:\s+(\d+) kB", (_PROC / str(pid) / "status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _listening(port: int) -> Iterator[str]:
    for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]
