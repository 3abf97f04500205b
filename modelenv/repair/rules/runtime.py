"""Rules for how a run ended or began, for programs, lazy imports and the reader of an input."""

from __future__ import annotations

import re

from ...system.debian import program_package
from ...worker.processes.main_guard import explained, lacks_main_guard
from ..context import Case
from ..data import read_table
from ..diagnosis import Diagnosis
from ..owners.files import shown
from ..reading.failure import named_missing
from .patterns import line_of, read_rules
from .recorded import recorded

# As Python 3.15 says it: in the exception that is the cause, and in notes below the message.
_LAZY = re.compile(
    r"lazy import of '(?P<cause>[\w.]+)' raised an exception during resolution|"
    r"^lazy import of '(?P<note>[\w.]+)' declared in ",
    re.MULTILINE,
)
# Modules imported for an effect: they make an interface for C, or switch something on.
_BESIDES = re.compile(
    r"_CAPI'|multiarray failed to import|is experimental and the API might change"
)
# Python's message if memory ran out while it reported an exception.
_WHILE_TELLING = "object type name: MemoryError"
# Messages of a parent with children that did not start.
_OF_CHILDREN = (
    "",
    "BrokenPipeError",
    "BrokenProcessPool",
    "ConnectionResetError",
    "EOFError",
    "RuntimeError",
    "TerminatedWorkerError",
)


def check_memory(case: Case) -> Diagnosis | None:
    """Diagnose a run that had not enough memory."""
    last = case.failure.last
    said = "" if last is None else last.type or last.message.strip(" :\n")
    raised = said in ("MemoryError", "_ArrayMemoryError")
    short = raised or _WHILE_TELLING in case.failure.own
    if not short and case.failure.signal != "SIGKILL":
        return None
    evidence = str(last) if raised else _WHILE_TELLING if short else "killed by SIGKILL"
    return case.diagnosis(
        "out-of-memory",
        "the run had not enough memory",
        "memory",
        (evidence,),
        remedy="give it more memory (--memory-limit, or the container's), or smaller inputs",
        certain=short or "memory" in case.failure.own or "OOMKilled" in case.failure.own,
    )


def check_timeout(case: Case) -> Diagnosis | None:
    """Diagnose a run that took too long."""
    if not case.failure.timed_out:
        return None
    return case.diagnosis(
        "time-out",
        "the run did not end within its time",
        "time",
        case.failure.text.strip().splitlines()[-1:],
        remedy="give it more time (--timeout), or look at what it waits for",
    )


def check_main_guard(case: Case) -> Diagnosis | None:
    """Diagnose a script that starts processes where they import it again."""
    found, last = lacks_main_guard(case.failure.text), case.failure.last
    if found is False or (last is not None and last.type not in _OF_CHILDREN):
        return None
    why, way_out = explained(case.failure.text)
    return case.diagnosis(
        "main-guard",
        why,
        "__main__",
        (str(last),) if last is not None else (),
        remedy=way_out,
        certain=found is True,
    )


def check_crash(case: Case) -> Diagnosis | None:
    """Diagnose a process that a signal ended."""
    name = case.failure.signal
    known = read_table("failure_messages")["signals"]
    if name not in known:
        return None
    return case.diagnosis(
        "crash",
        f"{known[name]} ({name})",
        name,
        case.failure.text.strip().splitlines()[-1:],
        remedy="run it with PYTHONFAULTHANDLER=1 to see where; look for two builds of one library",
    )


def check_program(case: Case) -> Diagnosis | None:
    """Diagnose a program that the model starts and that is not there."""
    last = case.failure.last
    if last is None or not any(frame.file.endswith("subprocess.py") for frame in last.frames):
        return None
    found = re.search(read_rules()["missing-file"].pattern, last.message)
    if found is None:
        return None
    owned = recorded(case, "program", found[1], last)
    if owned is not None:
        return owned
    name = shown(found[1])
    package = program_package(name)
    install = f"apt-get update && apt-get install -y {package}"
    return case.diagnosis(
        "missing-program",
        f"the model starts the program {name}, which is not there",
        name,
        (str(last),),
        remedy=install if package else f"install the package that has {name}",
    )


def check_file(case: Case) -> Diagnosis | None:
    """Diagnose a file that the model reads and that is not there."""
    rule, last = read_rules()["missing-file"], case.failure.last
    found = re.search(rule.pattern, last.message) if last is not None else None
    if last is None or found is None:
        return None
    held = read_rules()["held-path"]
    return recorded(case, "file", found[1], last) or held(case) or rule(case)


def check_input(case: Case) -> Diagnosis | None:
    """Diagnose a reader that needs what the model's own environment need not have."""
    last = case.failure.last
    if case.failure.stage != "input" or last is None or not case.failure.missing:
        return None
    name = case.failure.missing[0]
    if name not in ("pandas", "numpy", "pyarrow"):
        return None
    return case.diagnosis(
        "missing-module",
        f"reading this input needs {name}, which the model itself does not",
        name,
        (str(last),),
        edit=name,
    )


def check_lazy_imports(case: Case) -> Diagnosis | None:
    """Diagnose what failed where a lazy import was resolved, and is not just missing."""
    last, found = case.failure.last, _LAZY.search(case.failure.own)
    if found is None or last is None or any(map(named_missing, _messages(case))):
        return None
    name = found["cause"] or found["note"]
    top = name.partition(".")[0]
    return case.diagnosis(
        "lazy-imports",
        f"{name} was imported lazily, and something relies on what that import does as it runs",
        top,
        (str(last), line_of(found)),
        remedy=(
            "import it at once: without PYTHON_LAZY_IMPORTS=all, -X lazy_imports=all and"
            f" sys.set_lazy_imports('all'), with a filter that keeps {top} out of it"
            " (sys.set_lazy_imports_filter), or without the word `lazy` before your own import"
        ),
        certain=_BESIDES.search(case.failure.own) is not None,
    )


def _messages(case: Case) -> list[str]:
    return [raised.message.partition("\n")[0] for raised in case.failure.chain]
