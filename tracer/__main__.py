"""``python -m tracer [-o FILE] script.py args...`` or ``-m module args...`` or ``-c code args...``.

The program runs in an interpreter of its own, started as Python starts it. So its arguments,
``__main__``, exit code, signals and tracebacks are the same as without a trace.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .probe.children import Children
from .reading.merge import read_spool
from .traces import Trace

_TAKES_THE_REST = ("-m", "-c")


def main(arguments: Sequence[str]) -> int:
    """Trace a program, report on standard error or to a file, and return its exit code."""
    ours, program = _split(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m tracer",
        usage="%(prog)s [-h] [-o FILE] [--tree] (SCRIPT | -m MODULE | -c CODE) [ARGUMENT ...]",
        description="Show what a program imports, for whom, how long it takes, and what else it"
        " touches.",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write JSON Lines there")
    parser.add_argument("--tree", action="store_true", help="show who imported whom")
    options = parser.parse_args(ours)
    if not program:
        parser.error("name a script, -m MODULE or -c CODE")
    if sys.flags.ignore_environment or sys.flags.no_site:
        parser.error("an interpreter that is started with -I, -E or -S can not be entered")
    if options.output is not None and not options.output.parent.is_dir():
        parser.error(f"there is no folder {options.output.parent}")
    code, trace = trace_program(program)
    if options.output is not None:
        options.output.write_text(trace.to_jsonl(), "utf-8")
    else:
        sys.stderr.write((trace.tree() if options.tree else trace.table()) + "\n")
    return code


def trace_program(program: Sequence[str]) -> tuple[int, Trace]:
    """Run the words after ``python`` in an interpreter, trace it and its children.

    Returns the exit code, negative if a signal ended it. The interpreter is this one, with its
    own options; one that was started with -I, -E or -S cannot be entered, and its trace is empty.

    >>> code, seen = trace_program(["-c", "import colorsys"])
    >>> code, "colorsys" in seen.modules
    (0, True)
    """
    options = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory(prefix="tracer-") as folder:
        children = Children(folder)
        children.begin()
        try:
            process = subprocess.Popen([sys.executable, *options, *program])
        finally:
            children.end()
        # An interrupt from the terminal is for the program; we wait for its reaction.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = process.wait()
        finally:
            signal.signal(signal.SIGINT, before)
        return code, read_spool(folder)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split our own options from the program, which begins at the first other word."""
    place = 0
    while place < len(arguments):
        word = arguments[place]
        if word in _TAKES_THE_REST or not word.startswith("-"):
            break
        place += 2 if word in ("-o", "--output") else 1
    return list(arguments[:place]), list(arguments[place:])


def _end(code: int) -> None:
    """Exit like the program: a signal that killed it kills this process."""
    if code < 0 and os.name == "posix":
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    _end(main(sys.argv[1:]))
