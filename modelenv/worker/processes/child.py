"""A child of this process: started, waited for, asked to end, killed."""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ...seal.command import END

_ASKED = 1.0  # seconds for a starter to end the processes below it


class ChildProcess:
    """A child whose pid stays reserved until it is reaped, so that signals hit no other process.

    It leads its process group. With `is_starter` it ends all processes below it on request.
    """

    def __init__(self, *, is_starter: bool) -> None:
        self._is_starter = is_starter
        self._started: subprocess.Popen[bytes] | None = None
        self._trouble: BaseException | None = None
        self._is_unwanted = False
        self._is_buried = False
        self._code: int | None = None
        self._held: int | None = None
        self._burying = threading.Lock()

    def start(self, program: Sequence[str], **how: Any) -> None:
        """Start it with the arguments `how` of ``subprocess.Popen``; an interruption ends it.

        A thread does so, in which signals raise nothing: otherwise one could arrive after the child
        exists and before it is known. Raises OSError.
        """
        thread = threading.Thread(target=self._start, args=(program, how), daemon=True)
        try:
            thread.start()
            thread.join()
        except BaseException:
            self._is_unwanted = True  # the thread ends the child when it gets hold of it
            if thread.is_alive():
                thread.join(_ASKED)
            self._end_unwanted()
            raise
        if self._trouble is not None:
            raise self._trouble

    def _start(self, program: Sequence[str], how: dict[str, Any]) -> None:
        try:
            started = subprocess.Popen(program, start_new_session=os.name == "posix", **how)
            self._held = _held(started.pid)
            self._started = started
        except BaseException as error:  # noqa: BLE001  # raised in the waiting thread
            self._trouble = error
        if self._is_unwanted:
            self._end_unwanted()

    def _end_unwanted(self) -> None:
        if self.was_started:
            self.end()
            self.bury()

    @property
    def was_started(self) -> bool:
        """Whether a child was started, alive or not."""
        return self._started is not None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that was started."""
        assert self._started is not None
        return self._started

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def ended_within(self, seconds: float) -> bool:
        """Wait for its end, at most `seconds`; return whether it ended."""
        if self.process.returncode is not None:
            return True
        if self._held is None or sys.platform != "linux":
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(None if seconds == math.inf else seconds)
            return self.process.returncode is not None
        waiting = select.poll()
        waiting.register(self._held, select.POLLIN)
        limit = None if seconds == math.inf else max(0.0, seconds) * 1000
        return bool(waiting.poll(limit))

    def end(self) -> None:
        """End it and its group; a starter gets a moment to end processes outside the group."""
        if not self.was_started or self._is_buried:
            return
        if sys.platform == "win32":
            if self.process.poll() is None:
                tree = ["taskkill", "/F", "/T", "/PID", str(self.pid)]
                subprocess.run(tree, check=False, capture_output=True)
            return
        if self._is_starter and END is not None:
            self._send(END)
            self.ended_within(_ASKED)
        if self._is_reaped():
            return  # its pid may belong to another process by now
        # macOS denies permission for a group that contains only zombies.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def bury(self) -> int | None:
        """Wait for its end and return its exit code; from then on its pid is free.

        None if the status was taken elsewhere, because this process ignores SIGCHLD or waits for
        any child.
        """
        with self._burying:
            if self.was_started and not self._is_buried:
                self._code = self._waited()
                self._is_buried = True
                if self._held is not None:
                    os.close(self._held)
                    self._held = None
        return self._code

    def _waited(self) -> int | None:
        if sys.platform == "win32" or self.process.returncode is not None:
            return self.process.wait()
        self.ended_within(math.inf)
        if self.process.returncode is None:
            try:
                _, status = os.waitpid(self.pid, 0)
            except ChildProcessError:
                self.process.returncode = 0  # so that nothing waits for it any more
                return None
            self.process.returncode = os.waitstatus_to_exitcode(status)
        return self.process.returncode

    def _is_reaped(self) -> bool:
        """Return whether it was reaped elsewhere, so that its pid is free."""
        if self._held is None or sys.platform != "linux":
            return self.process.returncode is not None and self._is_starter
        try:
            os.waitid(os.P_PIDFD, self._held, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        except OSError:  # before Linux 5.4
            return False
        return False

    def _send(self, number: int) -> None:
        with suppress(OSError):
            if self._held is not None and sys.platform == "linux":
                signal.pidfd_send_signal(self._held, number)
            else:
                self.process.send_signal(number)


def _held(pid: int) -> int | None:
    """Return a pidfd for a process, or None if the system has none (before Linux 5.3)."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    with suppress(OSError):
        return os.pidfd_open(pid)
    return None
