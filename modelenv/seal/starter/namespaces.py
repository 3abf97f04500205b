"""Enter namespaces in which only listed paths, no other process and no network are there (Linux).

Travels into the starter: Python 3.8 syntax and the standard library only. The steps are those of
`layout`: parents before what stands in them, and no path with a link in it, so that a source is
found below the old root whatever links the new one has.
"""

from __future__ import annotations

import fcntl
import os
import struct

# Behind `socket`, whose enumerations take longer to import than a hundred mounts.
import _socket

from . import kernel

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence

_OUTSIDE = "/.outside"
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_EMPTY = kernel.MS_NOSUID | kernel.MS_NODEV


def enter(*, network: bool, processes: bool) -> None:
    """Move into new namespaces, in which we are whom we were.

    `network`: keep that of the machine. `processes`: keep seeing those of the machine; otherwise
    the next child is the first process of its namespace.
    """
    user, group = os.geteuid(), os.getegid()
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC
    flags |= 0 if network else kernel.CLONE_NEWNET
    flags |= 0 if processes else kernel.CLONE_NEWPID
    kernel.unshare(flags)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", "%d %d 1" % (user, user))
    _write("/proc/self/gid_map", "%d %d 1" % (group, group))
    if not network:
        _start_loopback()


def build(steps: Sequence[tuple[str, str, str]], base: str) -> None:
    """Make a new root of `steps` and enter it; `base` is any folder, to begin at.

    A step is what to do, the path, and what a link says.
    """
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", base, "tmpfs", _EMPTY, "mode=0755")
    os.mkdir(base + _OUTSIDE)
    kernel.pivot_root(base, base + _OUTSIDE)
    os.chdir("/")
    writable = []
    for verb, path, target in steps:
        if verb == "link":
            _make_folder(os.path.dirname(path))
            os.symlink(target, path)
        elif verb == "read":
            _bind(path)
        elif verb == "write":
            _bind(path)
            writable.append(path)
        elif verb == "processes":
            _make_folder(path)
            kernel.mount("proc", path, "proc", _EMPTY | kernel.MS_NOEXEC)
            writable.append(path)
        else:
            _make_folder(path)
            mode = "mode=0700" if verb == "private" else "mode=0755"
            kernel.mount("tmpfs", path, "tmpfs", _EMPTY, mode)
            if verb == "private":
                writable.append(path)
    kernel.detach(_OUTSIDE)
    os.rmdir(_OUTSIDE)
    _seal(writable)


def _bind(path: str) -> None:
    """Show what stands at `path` outside, with all that is mounted in it, at the same path."""
    source = _OUTSIDE + path
    if os.path.isdir(source):
        _make_folder(path)
    elif not os.path.lexists(path):
        _make_folder(os.path.dirname(path))
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    kernel.mount(source, path, "", kernel.MS_BIND | kernel.MS_REC)


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, 0o755, exist_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, "mkdir of %s" % path) from error


def _seal(writable: Sequence[str]) -> None:
    """Let nothing be written but at the mounts `writable`."""
    try:
        kernel.set_read_only("/", recursive=True)
    except OSError:  # before Linux 5.12
        _seal_one_by_one(writable)
        return
    for path in writable:
        kernel.set_writable(path)


def _seal_one_by_one(writable: Sequence[str]) -> None:
    """Do so by remounting, which has to repeat the flags that a mount may not lose."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        mounts = [line.split(" ", 6)[4:6] for line in file]
    known = (("nosuid", kernel.MS_NOSUID), ("nodev", kernel.MS_NODEV))
    known += (("noexec", kernel.MS_NOEXEC),)
    for escaped, options in mounts:
        # Blanks, tabs, newlines and backslashes are written as octal numbers.
        path = escaped.encode("utf-8", "surrogateescape").decode("unicode_escape")
        path = path.encode("latin-1").decode("utf-8", "surrogateescape")
        if path in writable:
            continue
        flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY
        for name, flag in known:
            flags |= flag if name in options.split(",") else 0
        kernel.mount("", path, "", flags)


def _start_loopback() -> None:
    device = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    fcntl.ioctl(device.fileno(), _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP | _IFF_RUNNING))
    device.close()


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
