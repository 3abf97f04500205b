"""Rules for what is not a matter of requirements: files, programs, memory, time, the network."""

from __future__ import annotations

import re
from types import MappingProxyType

from ..context import Case
from ..diagnosis import Diagnosis, Edit
from .remedies import add_command

_FILE = re.compile(r"No such file or directory: [bur]?['\"]([^'\"]+)['\"]")
_DENIED = re.compile(r"Permission denied: [bur]?['\"]([^'\"]+)['\"]")
_PROGRAMS = MappingProxyType(
    {
        "dot": "graphviz",
        "ffmpeg": "ffmpeg",
        "gcc": "gcc",
        "git": "git",
        "java": "default-jre-headless",
        "pandoc": "pandoc",
        "pdftotext": "poppler-utils",
        "sox": "sox",
        "tesseract": "tesseract-ocr",
        "wkhtmltopdf": "wkhtmltopdf",
    }
)
_DATA = (
    (r"Resource .{0,20}?([\w/]+).{0,20}? not found", "python -m nltk.downloader {0}"),
    (r"\[E050\] Can't find model '([\w.-]+)'", "python -m spacy download {0}"),
)
_NETWORK = re.compile(
    r"Name or service not known|Temporary failure in name resolution|Connection refused|"
    r"Network is unreachable|Failed to establish a new connection|Max retries exceeded|"
    r"getaddrinfo failed|couldn't connect to|urlopen error"
)
_DAMAGED = re.compile(r"invalid load key|pickle data was truncated|Ran out of input")
_SIGNALS = MappingProxyType(
    {
        "SIGSEGV": "a compiled module crashed",
        "SIGBUS": "a compiled module crashed",
        "SIGABRT": "a compiled module gave up",
        "SIGFPE": "a compiled module divided by zero",
        "SIGILL": "a compiled module uses an instruction that this processor does not have",
        "SIGKILL": "the system ended it, most likely because memory ran out",
    }
)


def check_memory(case: Case) -> Diagnosis | None:
    """Know a run that had not enough memory."""
    last = case.failure.last
    short = last is not None and last.type in ("MemoryError", "_ArrayMemoryError")
    if not short and case.failure.signal != "SIGKILL":
        return None
    return Diagnosis(
        rule="out-of-memory",
        problem="the run had not enough memory",
        subject="memory",
        stage=case.failure.stage,
        evidence=(str(last) if last is not None and short else "killed by SIGKILL",),
        remedy="give it more memory (--memory-limit, or the container's), or smaller inputs",
    )


def check_timeout(case: Case) -> Diagnosis | None:
    """Know a run that took too long."""
    if not case.failure.timed_out:
        return None
    return Diagnosis(
        rule="time-out",
        problem="the run did not end within its time",
        subject="time",
        stage=case.failure.stage,
        evidence=(case.failure.text.strip().splitlines()[-1],),
        remedy="give it more time (--timeout), or look at what it waits for",
    )


def check_crash(case: Case) -> Diagnosis | None:
    """Know a process that a signal ended."""
    name = case.failure.signal
    if name not in _SIGNALS:
        return None
    return Diagnosis(
        rule="crash",
        problem=f"{_SIGNALS[name]} ({name})",
        subject=name,
        stage=case.failure.stage,
        evidence=tuple(case.failure.text.strip().splitlines()[-1:]),
        remedy="run it with PYTHONFAULTHANDLER=1 to see where; look for two builds of one library",
    )


def check_program(case: Case) -> Diagnosis | None:
    """Know a program that the model starts and that is not there."""
    last = case.failure.last
    if last is None or not any(frame.file.endswith("subprocess.py") for frame in last.frames):
        return None
    found = _FILE.search(last.message)
    if found is None:
        return None
    package = _PROGRAMS.get(found[1], "")
    return Diagnosis(
        rule="missing-program",
        problem=f"the model starts the program {found[1]}, which is not there",
        subject=found[1],
        stage=case.failure.stage,
        evidence=(str(last),),
        remedy=f"apt-get update && apt-get install -y {package}"
        if package
        else f"install the package that has {found[1]}",
    )


def check_data(case: Case) -> Diagnosis | None:
    """Know a data file that does not travel with the model."""
    last = case.failure.last
    if last is None:
        return None
    if last.type == "LookupError" or "[E050]" in last.message:
        for pattern, remedy in _DATA:
            found = re.search(pattern, last.message, re.DOTALL)
            if found:
                return _missing_data(case, found[1], remedy.format(found[1]))
    found = _FILE.search(last.message)
    if found is None:
        return None
    remedy = f"put {found[1]} into the folder as an artifact, or into a package of code/"
    return _missing_data(case, found[1], remedy)


def check_permission(case: Case) -> Diagnosis | None:
    """Know a place that the model may not read or write."""
    last = case.failure.last
    found = _DENIED.search(last.message) if last is not None else None
    if last is None or found is None:
        return None
    return Diagnosis(
        rule="permission",
        problem=f"the model is not allowed to use {found[1]}",
        subject=found[1],
        stage=case.failure.stage,
        evidence=(str(last),),
        remedy=f"let the user that it runs as use {found[1]}, or point it elsewhere: HOME,"
        " XDG_CACHE_HOME and the library's own variable name such folders",
    )


def check_network(case: Case) -> Diagnosis | None:
    """Know a model that reaches for the network."""
    for raised in case.failure.chain:
        if _NETWORK.search(raised.message):
            return Diagnosis(
                rule="network",
                problem="the model reaches for the network while it runs, and got no answer",
                subject="network",
                stage=case.failure.stage,
                evidence=(str(raised),),
                remedy="save what it downloads with the model, or let it through",
            )
    return None


def check_damaged(case: Case) -> Diagnosis | None:
    """Know a model file that is not whole, or no pickle at all."""
    for raised in case.failure.chain:
        if _DAMAGED.search(raised.message) and raised.type in ("UnpicklingError", "EOFError"):
            pointer = "invalid load key, 'v'" in raised.message
            return Diagnosis(
                rule="damaged-file",
                problem="the model's file is no whole pickle"
                + (": it looks like a Git LFS pointer" if pointer else ""),
                subject="model",
                stage=case.failure.stage,
                evidence=(str(raised),),
                remedy="git lfs pull" if pointer else "copy or save the model again",
            )
    return None


def check_input(case: Case) -> Diagnosis | None:
    """Know a reader that needs what the model's own environment need not have."""
    last = case.failure.last
    if case.failure.stage != "input" or last is None or not case.failure.missing:
        return None
    name = case.failure.missing[0]
    if name not in ("pandas", "numpy", "pyarrow"):
        return None
    return Diagnosis(
        rule="missing-module",
        problem=f"reading this input needs {name}, which the model itself does not",
        subject=name,
        stage="input",
        evidence=(str(last),),
        edit=Edit(name),
        remedy=add_command(case, name),
    )


def _missing_data(case: Case, what: str, remedy: str) -> Diagnosis:
    last = case.failure.last
    assert last is not None
    outside = [frame for frame in last.frames if not frame.file.startswith("<frozen")]
    return Diagnosis(
        rule="missing-file",
        problem=f"the model reads {what}, which does not travel with it",
        subject=what,
        stage=case.failure.stage,
        evidence=(str(last), *([f"{outside[-1].place}: {outside[-1].code}"] if outside else [])),
        remedy=remedy,
    )
