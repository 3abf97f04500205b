"""Namespaces in which only listed paths, no other process and no network exist (Linux).

Travels into the starter: Python 3.8 syntax and the standard library only. The steps are those of
`layout`: parents first, and no path with a link in it, so that a source is found below the old root
whatever links the new one has.
"""

from __future__ import annotations

import errno
import os

from . import kernel

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence

_OUTSIDE = "/.outside"
_FLAGS = {
    "nosuid": kernel.MS_NOSUID,
    "nodev": kernel.MS_NODEV,
    "noexec": kernel.MS_NOEXEC,
}
_EMPTY = kernel.MS_NOSUID | kernel.MS_NODEV
_WRITABLE = ("write", "private", "processes")


def enter(*, network: bool, processes: bool) -> None:
    """Move into new namespaces, with the same user and group.

    `network`: keep the machine's network. `processes`: keep seeing the machine's processes;
    otherwise the next child is the first process of its namespace.
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
        kernel.start_loopback()


def build(steps: Sequence[tuple[str, str, str]], base: str) -> None:
    """Build a new root of `steps` and enter it; `base` is any folder to build it on.

    A step is a verb, the path, and a link's target or the source.
    """
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", base, "tmpfs", _EMPTY, "mode=0755")
    os.mkdir(base + _OUTSIDE)
    kernel.pivot_root(base, base + _OUTSIDE)
    os.chdir("/")
    root = _Root()
    for verb, path, target in steps:
        if verb == "link":
            root.make_folder(os.path.dirname(path))
            os.symlink(target, path)
        elif verb in ("read", "write"):
            root.bind(target or path, path)
        elif verb == "processes":
            root.mount(path, "proc", kernel.MS_NOEXEC)
        else:
            root.mount(path, "tmpfs", 0, "mode=0700" if verb == "private" else "mode=0755")
    kernel.detach(_OUTSIDE)
    os.rmdir(_OUTSIDE)
    _seal([path for verb, path, _ in steps if verb in _WRITABLE])


class _Root:
    """A root under construction."""

    def __init__(self) -> None:
        self._made = {"", "/"}

    def make_folder(self, path: str) -> None:
        """Make a folder and its parents, if they are missing."""
        if path in self._made:
            return
        self.make_folder(os.path.dirname(path))
        try:
            os.mkdir(path, 0o755)
        except FileExistsError:
            pass
        except OSError as error:
            raise OSError(error.errno, error.strerror, "mkdir of %s" % path) from error
        self._made.add(path)

    def bind(self, outside: str, path: str) -> None:
        """Show `outside` at `path`, with everything mounted in it."""
        source = _OUTSIDE + outside
        if os.path.isdir(source):
            self.make_folder(path)
        elif not os.path.lexists(path):
            self.make_folder(os.path.dirname(path))
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
        kernel.mount(source, path, "", kernel.MS_BIND | kernel.MS_REC)

    def mount(self, path: str, kind: str, flags: int, options: str = "") -> None:
        """Mount a new file system at `path`."""
        self.make_folder(path)
        kernel.mount(kind, path, kind, _EMPTY | flags, options)


def _seal(writable: Sequence[str]) -> None:
    """Make all mounts read-only, except those at `writable`."""
    try:
        kernel.set_read_only("/", recursive=True)
    except OSError:  # before Linux 5.12
        _seal_one_by_one(writable)
        return
    for path in writable:
        kernel.set_writable(path)


def _seal_one_by_one(writable: Sequence[str]) -> None:
    """Do the same by remounting, which has to repeat the flags that a mount may not lose."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        mounts = [line.split(" ", 6)[4:6] for line in file]
    for escaped, options in mounts:
        # Blanks, tabs, newlines and backslashes are written as octal numbers.
        path = escaped.encode("utf-8", "surrogateescape").decode("unicode_escape")
        path = path.encode("latin-1").decode("utf-8", "surrogateescape")
        if path in writable:
            continue
        flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY
        for name, flag in _FLAGS.items():
            flags |= flag if name in options.split(",") else 0
        try:
            kernel.mount("", path, "", flags)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOENT):  # something is mounted above it
                raise


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
