"""Explain the failure of scripts that start processes without a main guard.

Since Python 3.14 a server starts the processes of `multiprocessing` and its pools on Linux, and
imports the main script again ("forkserver"); earlier versions forked, with the script in memory.
"""

from __future__ import annotations

import re

_WHY = (
    "the main script starts processes while it is imported: {how} each imports that script again,"
    " and it has no main guard"
)
_BY_DEFAULT = "since Python 3.14 Linux starts them by forkserver, where"
_BY_REQUEST = "started by spawn or forkserver,"
_GUARD = 'put what starts them below `if __name__ == "__main__":`'
_AS_BEFORE = (
    ", or ask for the former way, which copies this process:"
    ' multiprocessing.set_start_method("fork")'
)
# The child's message; below, that of a pool's parent in Python 3.15, and in 3.14 if the server
# has ended.
_CHILD = re.compile(r"before the\s+current process has finished its bootstrapping phase")
_ENDED = re.compile(r"\bProcess \d+ terminated abruptly with exit code 1\b")
_CUT_OFF = re.compile(r"^(ConnectionResetError|EOFError|BrokenPipeError)\b", re.MULTILINE)
_SERVER = 'forkserver.py"'
_SPAWNED = re.compile(r"\bpopen_spawn_\w+\.py\b")
_VERSION = re.compile(r"\bpython3\.(\d+)\b")
_FIRST = 14
"""The first minor version whose default on Linux is forkserver."""


def lacks_main_guard(text: str) -> bool | None:
    """Return whether a missing main guard caused a failure; None if that is only likely."""
    if _CHILD.search(text):
        return True
    looks = _ENDED.search(text) or (_SERVER in text and _CUT_OFF.search(text))
    return None if looks else False


def explained(text: str) -> tuple[str, str]:
    """Return why a missing main guard caused a failure, and the way out.

    On Linux before Python 3.14, only the script itself selects spawn or forkserver.
    """
    versions = [int(number) for number in _VERSION.findall(text)]
    older = bool(versions) and max(versions) < _FIRST
    if older or (_SPAWNED.search(text) and _SERVER not in text):
        return _WHY.format(how=_BY_REQUEST), _GUARD
    return _WHY.format(how=_BY_DEFAULT), f"{_GUARD}{_AS_BEFORE}"
