"""Start a program as its plan says, sealed or not, and end it with all that it started."""

from __future__ import annotations

import os
import subprocess
import threading
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from ...base.errors import WrongUseError
from ...base.settings import Settings
from ...seal.command import command, has_starter
from ...seal.plan import SealPlan
from ...seal.seals import Seal
from . import tree as process_tree
from .child import ChildProcess
from .starter_pipe import StarterPipe
from .tree import KnownProcess

_KEPT_OUTPUT = 64 * 1024


class SealedProcess:
    """A program, its output, and all processes that it starts."""

    def __init__(self, program: Sequence[str], seal: Seal, plan: SealPlan, scratch: Path) -> None:
        self._program = program
        self._seal = seal
        self._plan = plan
        self._scratch = scratch
        self._mark = uuid.uuid4().hex
        self._family: set[KnownProcess] = set()
        """The processes that it started, as far as they were seen while it lived."""
        self._has_ended = False
        self._child = ChildProcess(is_starter=has_starter(seal))
        self._printed: deque[bytes] = deque()
        self._reader: threading.Thread | None = None
        self._pipe = StarterPipe() if has_starter(seal) else None
        self._told: int | None = None
        """The exit status that its starter reported."""

    def start(self, pass_fds: Sequence[int] = ()) -> None:
        """Start it with these descriptors too. Raises WrongUseError if it cannot be started."""
        plan = replace(self._plan, environment=_marked(self._plan.environment, self._mark))
        environment, folder, tell = plan.environment, plan.folder, None
        if self._pipe is not None:  # its starter sets the program's environment and folder
            ours = Settings.from_environment().environment
            environment, folder, tell = _marked(ours, self._mark), os.sep, self._pipe.open()
        program = command(self._seal, plan, self._program, self._scratch, tell=tell)
        try:
            self._child.start(
                program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                pass_fds=(*pass_fds, *(() if tell is None else (tell,))),
            )
        except OSError as error:
            reason = f"{self._program[0]} cannot be started: {error.strerror}"
            raise WrongUseError(reason) from error
        printed = self._child.process.stdout
        assert printed is not None
        reader = threading.Thread(target=_drain, args=(printed, self._printed), daemon=True)
        reader.start()
        self._reader = reader  # set last: after an interruption before it, no thread is waited for

    @property
    def pid(self) -> int:
        """Its process id, or that of the starter between it and this process."""
        return self._child.pid

    @property
    def printed(self) -> str:
        """The last lines that it printed."""
        return b"".join(self._printed)[-_KEPT_OUTPUT:].decode("utf-8", "replace")

    @property
    def left(self) -> tuple[str, ...]:
        """The processes it started that could not be ended, as numbers and names."""
        return tuple(str(each) for each in self._family if each.lives)

    @property
    def was_supervised(self) -> bool:
        """Whether no process is left: its starter ended them all, or there were none."""
        if self._pipe is None or self._told is not None or self._seal.own_processes:
            return True
        code = self._child.bury()
        return code is not None and code >= 0

    def ended_within(self, seconds: float) -> bool:
        """Wait for its end, at most `seconds`; return whether it ended."""
        return self._child.ended_within(seconds)

    def meet_family(self) -> None:
        """Note what it has started; a seal with its own processes needs no such notes."""
        if not self._seal.own_processes and not self._child.ended_within(0):
            self._family |= process_tree.descendants(self._child.pid)

    def end(self) -> int | None:
        """End it and all that it started, whether it is still alive or not.

        Return its exit code; negative for the signal that killed it; None if it is unknown.
        """
        if not self._has_ended and self._child.was_started:
            self.meet_family()
            self._child.end()
            process_tree.end(self._family)
            process_tree.end_marked(self._mark)
            if self._reader is not None:
                self._reader.join(timeout=1.0)
            self._told = None if self._pipe is None else self._pipe.read()
            self._has_ended = True
        code = self._child.bury()
        return self._told if code is None else code

    def close(self) -> None:
        """Close the pipe of the starter, which has ended."""
        if self._pipe is not None:
            self._pipe.close()


def _marked(environment: Mapping[str, str], mark: str) -> dict[str, str]:
    marks = f"{environment.get(process_tree.MARK, '')} {mark}".strip()
    return {**environment, process_tree.MARK: marks}


def _drain(stream: IO[bytes], kept: deque[bytes]) -> None:
    """Read all output, keep its end, and close the stream."""
    size = 0
    with stream:
        while block := os.read(stream.fileno(), 65536):
            kept.append(block)
            size += len(block)
            while size - len(kept[0]) > _KEPT_OUTPUT:
                size -= len(kept.popleft())
