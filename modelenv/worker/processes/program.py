"""Run a helper program, such as an installer, to its end, never longer than this process."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...seal.command import is_supervised, supervised
from .child import ChildProcess


def run_program(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program without a seal; return how it ended, with all that it printed.

    Its standard input is empty. Where the system has the means (Linux), processes that it starts
    end with it, and all of them end with this process or this call, however those end. Raises
    OSError if it cannot be started; a starter reports that by itself, with a failing exit code.
    """
    child = ChildProcess(is_starter=is_supervised())
    child.start(
        supervised(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=None if environment is None else dict(environment),
    )
    try:
        output, _ = child.process.communicate()
    except BaseException:
        child.end()
        raise
    finally:  # after its end, its number may belong to another process: no signal is sent then
        child.bury()
    return subprocess.CompletedProcess(command, child.process.returncode, output)
