"""System calls that the standard library has no function for (Linux).

Travels into the starter: Python 3.8 syntax and the standard library only. Each function raises
OSError with the kernel's number, and the object of the call in its `filename`.
"""

from __future__ import annotations

import ctypes
import os
import struct

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
# By machine, for 64-bit processes: glibc has no wrapper. Newer calls have one number everywhere.
PIVOT_ROOT = {
    "x86_64": 155,
    "aarch64": 41,
    "riscv64": 41,
    "loongarch64": 41,
    "ppc64le": 203,
    "s390x": 217,
}

_MOUNT_SETATTR = 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY = 1
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP = 1, 24
_PR_SET_NO_NEW_PRIVS, _PR_SET_CHILD_SUBREAPER = 38, 36
_PR_SET_DUMPABLE = 4
_AF_INET, _SOCK_DGRAM, _SIOCSIFFLAGS, _IFF_UP = 2, 2, 0x8914, 1
_LANDLOCK_VERSION = 1
_LANDLOCK_PATH_BENEATH = 1
# The capabilities over files, which a user needs none for with files of his own: chown,
# dac_override, dac_read_search, fowner.
_KEPT_CAPABILITIES = 4
_CAP_SETFCAP = 31
_CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def _call(number: int, what: str, *arguments: object) -> int:
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *words), what)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount `source` on `target`, or change the mount there, by the flags."""
    words = [os.fsencode(each) if each else None for each in (source, target, kind)]
    given = ctypes.c_ulong(flags), os.fsencode(options) if options else None
    _checked(_libc.mount(*words, *given), "mount of %s" % target)


def detach(target: str) -> None:
    """Unmount lazily whatever is mounted at `target` and below it."""
    _checked(_libc.umount2(os.fsencode(target), _MNT_DETACH), "umount of %s" % target)


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root and move the old one to `old`; the machine has to be in PIVOT_ROOT."""
    _call(PIVOT_ROOT[os.uname().machine], "pivot_root", os.fsencode(new), os.fsencode(old))


def set_read_only(target: str, *, recursive: bool) -> None:
    """Make the mount at `target` read-only (Linux 5.12)."""
    _set_attributes(target, _AT_RECURSIVE if recursive else 0, _MOUNT_ATTR_RDONLY, 0)


def set_writable(target: str) -> None:
    """Make the mount at `target` writable again (Linux 5.12)."""
    _set_attributes(target, 0, 0, _MOUNT_ATTR_RDONLY)


def _set_attributes(target: str, flags: int, added: int, removed: int) -> None:
    attributes = struct.pack("QQQQ", added, removed, 0, 0)
    what = "mount_setattr of %s" % target
    given = os.fsencode(target), flags, attributes, len(attributes)
    _call(_MOUNT_SETATTR, what, _AT_FDCWD, *given)


def unshare(flags: int) -> None:
    """Move this process, which must have one thread, into new namespaces."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def _prctl(what: str, option: int, value: int) -> None:
    words = [ctypes.c_ulong(each) for each in (value, 0, 0, 0)]
    _checked(_libc.prctl(ctypes.c_int(option), *words), what)


def signal_at_death_of_parent(number: int) -> None:
    """Ask for a signal to this process when the thread that started or adopted it ends."""
    _prctl("prctl PR_SET_PDEATHSIG", _PR_SET_PDEATHSIG, number)


def start_loopback() -> None:
    """Bring up the loopback interface."""
    device = _checked(_libc.socket(_AF_INET, _SOCK_DGRAM, 0), "socket")
    request = struct.pack("16sh22x", b"lo", _IFF_UP)
    _checked(_libc.ioctl(device, ctypes.c_ulong(_SIOCSIFFLAGS), request), "loopback")
    os.close(device)


def leave_no_core() -> None:
    """Disable core dumps of this process."""
    _prctl("prctl PR_SET_DUMPABLE", _PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Make this process the parent of orphans among its descendants (PR_SET_CHILD_SUBREAPER)."""
    _prctl("prctl PR_SET_CHILD_SUBREAPER", _PR_SET_CHILD_SUBREAPER, 1)


def drop_capabilities(*, to_map_root: bool = False) -> None:
    """Drop the capabilities, except those over files, of all programs executed from here on.

    `to_map_root`: leave the capability that root needs to be root in a namespace that it made.
    """
    with open("/proc/sys/kernel/cap_last_cap", encoding="utf-8") as file:
        last = int(file.read())
    for number in range(_KEPT_CAPABILITIES, last + 1):
        if number != _CAP_SETFCAP or not to_map_root:
            _prctl("prctl PR_CAPBSET_DROP", _PR_CAPBSET_DROP, number)


def give_up_capabilities() -> None:
    """Drop the same capabilities of this process itself, as a program that it executes would."""
    kept = (1 << _KEPT_CAPABILITIES) - 1 if os.geteuid() == 0 else 0
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    data = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    _checked(_libc.capset(header, data), "capset")


def landlock_version() -> int:
    """Return the kernel's version of Landlock's interface.

    Raises OSError: ENOSYS if it was built without, EOPNOTSUPP if it was booted without.
    """
    return _call(_LANDLOCK_CREATE, "Landlock", None, 0, _LANDLOCK_VERSION)


def landlock_restrict(
    handled: int, network: int, scoped: int, rules: Iterable[tuple[str, int]]
) -> None:
    """Restrict this thread and what it starts, irreversibly.

    `handled` are the rights over files that need a rule, `network` and `scoped` those that are
    denied altogether; 0 for those that the kernel's version does not have. `rules` are paths with
    the rights below them; a missing path is skipped.
    """
    attributes = struct.pack("QQQ", handled, network, scoped)
    size = 24 if scoped else 16 if network else 8
    ruleset = _call(_LANDLOCK_CREATE, "Landlock's ruleset", attributes, size, 0)
    for path, rights in rules:
        _allow_below(ruleset, path, rights)
    _prctl("prctl PR_SET_NO_NEW_PRIVS", _PR_SET_NO_NEW_PRIVS, 1)
    _call(_LANDLOCK_RESTRICT, "Landlock", ruleset, 0)
    os.close(ruleset)


def _allow_below(ruleset: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        rule = struct.pack("=Qi", rights, folder)
        _call(_LANDLOCK_ADD, path, ruleset, _LANDLOCK_PATH_BENEATH, rule, 0)
    finally:
        os.close(folder)
