"""Wait for one process on behalf of another: pass on signals, clean up, end as it ended.

Travels into the starter: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

# Behind `signal`: its enumerations take as long to import as all that the starter does.
import _signal  # type: ignore[import-not-found]
import os

from . import kernel

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_HANDED_ON = frozenset(
    (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGQUIT)
    + (_signal.SIGUSR1, _signal.SIGUSR2, _signal.SIGALRM, _signal.SIGWINCH)
)
# The process that started us sends it to end everything; until we wait for it, it kills us before
# anything began.
END = _signal.SIGRTMIN
# Sent by the kernel when the thread that started us ends. A thread of a pool may end while its
# process lives on, so we only check whether our parent is still the same.
_LOOK_AT_PARENT = _signal.SIGURG
_SCRATCH = "modelenv-run-"  # as `base.files.disk` names them
_AWAITED = _HANDED_ON | {_signal.SIGCHLD, _LOOK_AT_PARENT, END}


class Waiting:
    """A process that waits for another: its signals are blocked until it asks for them."""

    def __init__(self) -> None:
        self._mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _AWAITED)
        # A process that ignores SIGCHLD gets no status of a child.
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)

    def leave(self) -> None:
        """Unblock signals, as a child has to before it becomes another program."""
        for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # which Python ignores
            _signal.signal(number, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self._mask)

    def wait(self, child: int, orphaned: Callable[[], bool]) -> int:
        """Return the wait status of `child`, as waitpid(2) does; reap others that end meanwhile.

        It is killed at the signal `END`, and when `orphaned` returns that no process waits for it
        any longer.
        """
        number = 0
        while True:
            if number == END or orphaned():
                _kill(child, _signal.SIGKILL)
            number = _signal.sigwait(_AWAITED)
            if number == _signal.SIGCHLD:
                status = _bury(child)
                if status is not None:
                    return status
            elif number in _HANDED_ON:
                _kill(child, number)


def watch_parent(parent: int) -> Callable[[], bool]:
    """Return a function that returns whether the process `parent`, which started us, is gone."""
    kernel.signal_at_death_of_parent(_LOOK_AT_PARENT)
    return lambda: os.getppid() != parent


def die_with_parent() -> None:
    """Let this process be killed when its parent ends; it must have one thread."""
    kernel.signal_at_death_of_parent(_signal.SIGKILL)


def kill_descendants() -> None:
    """Kill all descendants of this process, which has adopted the orphans among them.

    Processes protected by another user's rights, such as set-user-ID programs, are left.
    """
    spared: set[int] = set()
    while True:
        pids = [pid for pid in _children() if pid not in spared]
        if not pids:
            return
        spared.update(pid for pid in pids if not _kill(pid, _signal.SIGKILL))
        for pid in pids:
            if pid not in spared:
                os.waitpid(pid, 0)


def _children() -> list[int]:
    """List the children of this process, ended ones too; empty if the system has no list."""
    own = os.getpid()
    try:
        with open("/proc/self/task/%d/children" % own, encoding="utf-8") as file:
            return [int(word) for word in file.read().split()]
    except OSError:  # the kernel was built without such lists
        return [pid for pid in _processes() if _parent(pid) == own]


def _processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _parent(pid: int) -> int:
    try:
        with open("/proc/%d/stat" % pid, encoding="latin-1") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:  # it is gone
        return 0


class ScratchFolder:
    """A temporary folder of ours that perhaps no process is left to remove; others stay.

    It is reached through the descriptor of its parent: in a namespace its path leads to what is
    shown there, which cannot be removed.
    """

    def __init__(self, path: str) -> None:
        above, self._name = os.path.split(path)
        is_ours = self._name.startswith(_SCRATCH)
        self._above = os.open(above, os.O_PATH | os.O_DIRECTORY) if is_ours else -1

    def let_go(self) -> None:
        """Close the descriptor of the folder above it."""
        above, self._above = self._above, -1
        if above >= 0:
            os.close(above)

    def remove(self) -> None:
        """Remove it with all of its content, as far as permitted; links are not followed."""
        if self._above >= 0:
            _remove(self._name, self._above)


def _remove(name: str, above: int) -> None:
    try:
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        _remove(entry.name, folder)
                    else:
                        os.unlink(entry.name, dir_fd=folder)
        finally:
            os.close(folder)
        os.rmdir(name, dir_fd=above)
    except (OSError, RecursionError):  # another process removes the rest
        return


def end_as(status: int) -> NoReturn:
    """End this process in the way that the wait status `status` describes."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        kernel.leave_no_core()  # it has left its own
        if number not in (_signal.SIGKILL, _signal.SIGSTOP):
            _signal.signal(number, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def _kill(pid: int, number: int) -> bool:
    """Send a signal to a child; return whether that is permitted."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return True


def _bury(child: int) -> int | None:
    """Reap all children that have ended; return the status of `child` if it is among them.

    The others are orphans that this process adopted.
    """
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = status
