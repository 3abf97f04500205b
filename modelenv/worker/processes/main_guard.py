"""Why a script fails that starts processes without a main guard, as Python says it itself or not.

Since Python 3.14 processes of `multiprocessing` and its pools are started by a server on Linux,
which imports the main script again ("forkserver"); a fork before that had it in memory.
"""

from __future__ import annotations

import re

WHY = (
    "processes are started where the main script is imported: since Python 3.14 Linux starts them"
    " by forkserver, where each imports that script again, and it has no main guard"
)
WAY_OUT = (
    'put what starts them below `if __name__ == "__main__":`, or ask for the former way, which'
    ' copies this process: multiprocessing.set_start_method("fork")'
)
# What the child says; what reaches the parent of a pool in Python 3.15, and in 3.14 where the
# server has ended.
_CHILD = re.compile(r"before the\s+current process has finished its bootstrapping phase")
_ENDED = re.compile(r"terminated abruptly with exit code 1\b")
_CUT_OFF = re.compile(r"^(ConnectionResetError|EOFError|BrokenPipeError)\b", re.MULTILINE)
_SERVER = 'forkserver.py"'


def lacks_main_guard(text: str) -> bool | None:
    """Return whether a failure comes of a missing main guard; None where it only looks like it."""
    if _CHILD.search(text):
        return True
    looks = _ENDED.search(text) or (_SERVER in text and _CUT_OFF.search(text))
    return None if looks else False
