"""A program that works for us, such as an installer: run to its end, and never longer than we."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...seal.command import is_supervised, supervised
from .child import ChildProcess


def run_program(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program in no seal and return how it ended, with all that it printed.

    It is given nothing to read. What it starts ends with it, and all of it with this process or
    with this call, however those end, where the system has the means (Linux). Raises OSError where
    it cannot be started; a starter says so itself, and its exit code is no success.
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
    finally:  # after it has ended, its number may be another's: no signal is sent then
        child.bury()
    return subprocess.CompletedProcess(command, child.process.returncode, output)
