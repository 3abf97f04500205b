"""Choose the seal that this machine allows."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import get_args

from ..base import arguments
from ..base.files.scratch import scratch_folder
from . import system
from .command import check, command
from .plan import SealPlan
from .seals import KINDS, Kind, Seal, SealFailedError, SealUnavailableError, Wanted

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_SECONDS = 20.0
_NOT_LINUX = "only Linux has it"
_OLD_KERNEL = "the kernel is too old, or was built without it"
_NAMESPACES_REFUSED = (
    "new user namespaces are refused to this process. In a container its security profile does so"
    " (docker run --security-opt seccomp=unconfined allows them); Ubuntu does so by AppArmor"
    " (sysctl kernel.apparmor_restrict_unprivileged_userns=0); others by sysctl"
    " kernel.unprivileged_userns_clone=0 or user.max_user_namespaces=0"
)
_LANDLOCK_OFF = "the kernel was started without it (boot with lsm=landlock,... to have it)"

_OF_THE_SYSTEM = "what is installed below /usr (programs and shared libraries of the system)"
_VARIABLES = "the environment variables of whoever runs it"
_BY_HAND = "what somebody put by hand into the folder of a pinned distribution"
_ALL_HOSTS = "the network: hosts cannot be told apart"
_PROCESSES = "the processes of this machine (/proc)"
_WATCHED = "all of it: what Python code opens, maps, starts and connects to is compared afterwards"
_UNWATCHED = "what native code opens by itself is not seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSupport:
    """The seals that this machine allows, and the reasons against the others."""

    namespaces: str = ""
    """The reason why namespaces are unavailable; empty: they are available."""
    own_processes: bool = True
    """Whether a process namespace is available too."""
    landlock: int = 0
    """The version of Landlock's interface; 0: it is unavailable."""
    why_no_landlock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRequest:
    """The seal that is wanted for a run, and what is allowed beyond it."""

    seal: Wanted = "auto"
    allow_hosts: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()
    """Allowed files and folders, as absolute paths."""

    @classmethod
    def read(
        cls, seal: Wanted = "auto", allow_hosts: str | Iterable[str] = (), allow_paths: Paths = ()
    ) -> SealRequest:
        """Return the user's request. Raises BadArgumentError; a path has to exist."""
        arguments.choice("seal", seal, get_args(Wanted))
        paths = [
            path.expanduser().absolute() for path in arguments.paths("allow_paths", allow_paths)
        ]
        for path in paths:
            if not path.exists():
                raise arguments.BadArgumentError("allow_paths", str(path), "files or folders here")
            if path == Path(path.anchor):
                expected = "files or folders, not the whole machine (seal='off' keeps nothing back)"
                raise arguments.BadArgumentError("allow_paths", str(path), expected)
        return cls(
            seal=seal,
            allow_hosts=arguments.texts("allow_hosts", allow_hosts),
            allow_paths=tuple(map(str, paths)),
        )

    def chosen(self) -> Seal:
        """Return the seal that this machine has for the request. Raises SealUnavailableError."""
        machine = this_machine() if self._asks else SealSupport()
        return choose(self.seal, machine, self.allow_hosts, self.allow_paths)

    @contextmanager
    def looked_up(self) -> Iterator[None]:
        """Test, while the block runs, which seals this machine allows, if that is needed."""
        if not self._asks:
            yield
            return
        beside = Thread(target=this_machine)
        beside.start()
        try:
            yield
        finally:
            beside.join()

    @property
    def _asks(self) -> bool:
        return self.seal not in ("watch", "off")


AUTOMATIC = SealRequest()


def choose(
    wanted: Wanted,
    machine: SealSupport,
    hosts: Sequence[str] = (),
    paths: Sequence[str] = (),
) -> Seal:
    """Return the requested seal; "auto": the strongest that the machine allows.

    `hosts` and `paths` are those that the user allowed. Raises SealUnavailableError if it is
    unavailable.
    """
    refusals = {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}
    if wanted == "auto":
        kind = next(kind for kind in KINDS if not refusals.get(kind))
        passed = KINDS[: KINDS.index(kind)]
        reason = "; ".join(f"no {stronger}: {refusals[stronger]}" for stronger in passed)
    else:
        kind, reason = wanted, ""
        if refusals.get(kind):
            raise SealUnavailableError(kind, refusals[kind])
    return Seal(
        kind=kind,
        left_open=_left_open(kind, machine, network=bool(hosts)),
        reason=reason,
        own_processes=kind == "namespaces" and machine.own_processes,
        allow_hosts=tuple(hosts),
        allow_paths=tuple(paths),
    )


def _left_open(kind: Kind, machine: SealSupport, *, network: bool) -> tuple[str, ...]:
    if kind == "namespaces":
        network_open = (_ALL_HOSTS,) if network else ()
        processes_seen = () if machine.own_processes else (_PROCESSES,)
        return (_OF_THE_SYSTEM, _VARIABLES, _BY_HAND, *network_open, *processes_seen)
    if kind == "landlock":
        from .starter import landlock

        return (
            _OF_THE_SYSTEM,
            _VARIABLES,
            _BY_HAND,
            *landlock.left_open(machine.landlock, network=network),
        )
    return (_WATCHED, _UNWATCHED) if kind == "watch" else ()


@cache
def this_machine() -> SealSupport:
    """Return the seals that this machine allows, by trying; once for each process."""
    if sys.platform != "linux":
        return SealSupport(namespaces=_NOT_LINUX, why_no_landlock=_NOT_LINUX)
    version, why_no_landlock = _landlock()
    refusal, own_processes = _namespaces()
    return SealSupport(
        namespaces=refusal,
        own_processes=own_processes,
        landlock=version,
        why_no_landlock=why_no_landlock,
    )


def _landlock() -> tuple[int, str]:
    """Return the version of Landlock's interface, or why it is unavailable."""
    try:
        from .starter import kernel

        return kernel.landlock_version(), ""
    except ImportError as error:
        return 0, f"this Python has no {error.name}"
    except OSError as error:
        known = {errno.ENOSYS: _OLD_KERNEL, errno.EOPNOTSUPP: _LANDLOCK_OFF}
        return 0, known.get(error.errno or 0, f"the kernel says: {error.strerror}")


def _namespaces() -> tuple[str, bool]:
    """Return why namespaces are unavailable (empty: they are not), and process namespaces."""
    if struct.calcsize("P") != 8:
        return "only a 64-bit Python is supported", False
    try:
        from .starter import kernel
    except ImportError as error:
        return f"this Python has no {error.name}", False
    machine = os.uname().machine
    if machine not in kernel.PIVOT_ROOT:
        return f"the system calls of {machine} are not known to modelenv", False
    failed = _try(Seal(kind="namespaces", own_processes=True))
    if failed is None:
        return "", True
    if failed.what == "mount of /proc":
        # A container may hide a part of /proc; then no other /proc can be mounted.
        failed = _try(Seal(kind="namespaces", own_processes=False))
    return _explained(failed), False


def _try(seal: Seal) -> SealFailedError | None:
    """Seal an empty run; return why that failed, or None."""
    with scratch_folder() as folder:
        plan = SealPlan(
            reads=system.folders({}), devices=system.devices(), environment={}, folder=str(folder)
        )
        try:
            tried = subprocess.run(
                command(seal, plan, (), folder),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return SealFailedError(seal, 0, str(error), "the starter")
    output = tried.stderr.decode("utf-8", "replace")
    try:
        check(seal, tried.returncode, output)
    except SealFailedError as error:
        return error
    if tried.returncode == 0:
        return None
    said = output.strip().rpartition("\n")[2] or f"exit code {tried.returncode}"
    return SealFailedError(seal, 0, said, "the starter")


def _explained(failed: SealFailedError | None) -> str:
    """Return why namespaces are unavailable; empty if they are available."""
    if failed is None:
        return ""
    if failed.number in (errno.EPERM, errno.ENOSPC, errno.EUSERS, errno.EACCES):
        return f"{_NAMESPACES_REFUSED} ({failed.what}: {failed.text})"
    if failed.number in (errno.ENOSYS, errno.EINVAL) and failed.what == "unshare":
        return _OLD_KERNEL
    return f"{failed.what}: {failed.text}"
