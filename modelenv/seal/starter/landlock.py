"""Restrict a process to reading and writing at listed paths, by Landlock (Linux).

Travels into the starter: Python 3.8 syntax and the standard library only. Each version of the
interface can deny more; `left_open` lists the rest.
"""

from __future__ import annotations

from . import kernel

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1, 2, 4, 8
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_FIRST_VERSION = (1 << 13) - 1
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_RIGHTS = {
    "list": _READ_FOLDER,
    "file": _EXECUTE | _READ_FILE,
    "read": _EXECUTE | _READ_FILE | _READ_FOLDER,
    "device": _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEVICE,
    "write": ~0,
}
_TCP = 3  # bind and connect
_ABSTRACT_SOCKETS_AND_SIGNALS = 3


def restrict(rules: Iterable[Sequence[str]], *, network: bool) -> None:
    """Deny this thread, and what it starts, all but `rules`: rights, and the path.

    `network`: leave the machine's network open.
    """
    version = kernel.landlock_version()
    handled = handled_rights(version)
    kernel.landlock_restrict(
        handled,
        _TCP if version >= 4 and not network else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0,
        ((path, _RIGHTS[verb] & handled) for verb, path, *_ in rules),
    )


def handled_rights(version: int) -> int:
    """Return the rights over files that a version of the interface can deny."""
    handled = _FIRST_VERSION
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEVICE)):
        handled |= right if version >= since else 0
    return handled


def left_open(version: int, *, network: bool) -> tuple[str, ...]:
    """Return what a version of the interface leaves open, a phrase each."""
    said = [
        "whether a path outside is there, its size and its times (stat)",
        "sockets of other processes by their path, and those over UDP",
        "shared memory of other processes (/dev/shm, System V)",
        "the processes of this machine (/proc)",
    ]
    if network:
        said.append("the network: hosts cannot be told apart")
    elif version < 4:
        said.append("the network, over TCP too (closed from Linux 6.7 on)")
    if version < 6:
        said.append("signals to other processes, and abstract sockets (closed from Linux 6.12 on)")
    if version < 5:
        said.append("commands to devices (ioctl; closed from Linux 6.10 on)")
    if version < 3:
        said.append("cutting files short (truncate; closed from Linux 6.2 on)")
    return tuple(said)
