"""A child of this process: waited for, asked to end, killed."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress

from ...seal.command import END

_ASKED = 1.0  # seconds that a starter may take to end what is below it


class ChildProcess:
    """A child that keeps its number until it is buried, so that no signal hits another.

    It is the first of its group; `is_starter`: it ends all below it when it is asked.
    """

    def __init__(self, process: subprocess.Popen[bytes], *, is_starter: bool) -> None:
        self.process = process
        self._is_starter = is_starter
        self._is_buried = False
        self._held = _held(process.pid)

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def ended_within(self, seconds: float) -> bool:
        """Wait for its end, `seconds` at most; return whether it came."""
        if self.process.returncode is not None:
            return True
        if self._held is None or sys.platform != "linux":
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
            return self.process.returncode is not None
        waiting = select.poll()
        waiting.register(self._held, select.POLLIN)
        return bool(waiting.poll(max(0.0, seconds) * 1000))

    def end(self) -> None:
        """End it and its group; a starter first ends what left its group, in a while at most."""
        if self._is_buried:
            return
        if sys.platform == "win32":
            if self.process.poll() is None:
                tree = ["taskkill", "/F", "/T", "/PID", str(self.pid)]
                subprocess.run(tree, check=False, capture_output=True)
            return
        if self._is_starter and END is not None:
            self._send(END)
            self.ended_within(_ASKED)
        if self._held is None and self.process.returncode is not None and self._is_starter:
            return  # its number may be another's by now, and it has done its work
        # macOS denies the permission for a group that has only zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def bury(self) -> int:
        """Wait for its end and return its exit code; its number is free from then on."""
        code = self.process.wait()
        self._is_buried = True
        if self._held is not None:
            os.close(self._held)
            self._held = None
        return code

    def _send(self, number: int) -> None:
        with suppress(OSError):
            if self._held is not None and sys.platform == "linux":
                signal.pidfd_send_signal(self._held, number)
            else:
                self.process.send_signal(number)


def _held(pid: int) -> int | None:
    """Return a descriptor that stands for a process, where the system has such (Linux 5.3)."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    with suppress(OSError):
        return os.pidfd_open(pid)
    return None
