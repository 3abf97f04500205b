"""Rules for what is there in another version: names, pickles, Pythons."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...worker.verdict import Verdict
from ..context import Case, Knowledge
from ..diagnosis import Diagnosis, Edit
from ..failure import Failure, Raised
from ..module_owners import owner_of
from .facts import FACTS, PYTHON, Fact, fact_about
from .remedies import add_command, python_remedy, split_python

_FROM = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")
_PICKLED = re.compile(r"Can't get attribute '([\w.]+)' on <module '([\w.]+)'")
_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_OBJECT = re.compile(
    r"'(\w+)' object has no attribute '(\w+)'|type object '(\w+)' has no .* '(\w+)'"
)
_NUMPY = re.compile(r"`np\.(\w+)` was removed")
_UNPICKLED = re.compile(
    r"unpickle estimator \w+ from version (?P<made>[\w.]+) when using version (?P<used>[\w.]+)"
)
_OTHER_PYTHON = (
    r"code\(\) (?:takes|argument)",
    r"code expected at (?:most|least)",
    r"bad marshal data",
    r"unknown opcode",
    r"an integer is required \(got type bytes\)",
    r"code\.__new__|CodeType",
)
_NEWER_SYNTAX = (
    (r"unsupported operand type\(s\) for \|: '(?:type|NoneType|_GenericAlias)'", ">=3.10"),
    (r"'(?:type|ABCMeta|function)' object is not subscriptable", ">=3.9"),
    (r"unexpected keyword argument '(?:slots|kw_only)'", ">=3.10"),
)
_SYNTAX = ((r"^\s*match .*:$", ">=3.10"), (r"except\*", ">=3.11"), (r":=", ">=3.8"))


def check_pickle_version(case: Case) -> Diagnosis | None:
    """Know a pickle that says which version of a library it was made with."""
    warned = _UNPICKLED.search(case.failure.text)
    made = {"scikit-learn": warned["made"]} if warned else dict(case.known.pickled)
    for name, version in made.items():
        used = warned["used"] if warned else case.known.pins.get(name, "")
        if not used or used == version or not _is_about(case, name):
            continue
        line = f"{name}=={version}"
        return Diagnosis(
            rule="pickle-version",
            problem=f"the model was pickled with {name} {version}, and {used} cannot use it",
            subject=name,
            stage=case.failure.stage,
            evidence=_said(case),
            edit=Edit(line),
            remedy=add_command(case, line),
        )
    return None


def check_pickle_protocol(case: Case) -> Diagnosis | None:
    """Know what a Python cannot read of another's pickle."""
    for raised in case.failure.chain:
        found = re.search(r"unsupported pickle protocol: (\d)", raised.message)
        if found:
            versions = {"4": ">=3.4", "5": ">=3.8"}.get(found[1], "")
            problem = f"the pickle is of protocol {found[1]}, which this Python does not read"
            return _python(case, raised, problem, versions)
        if any(re.search(pattern, raised.message) for pattern in _OTHER_PYTHON):
            problem = "the pickle holds code that was compiled by another version of Python"
            return _python(case, raised, problem, "")
    return None


def check_compiled_code(case: Case) -> Diagnosis | None:
    """Know a model whose own code was compiled for another Python: anything may come of that."""
    compiled, last = case.known.compiled_for, case.failure.last
    if not compiled or case.failure.missing or case.failure.stage not in ("load", "predict"):
        return None
    if last is not None and last.type in ("ImportError", "ModuleNotFoundError", "OSError"):
        return None
    said = str(last) if last is not None else case.failure.text.strip().rpartition("\n")[2]
    asked = case.known.python
    return Diagnosis(
        rule="python-version",
        problem=f"the pickle holds code compiled for Python {compiled}, the folder wants {asked}",
        subject=PYTHON,
        stage=case.failure.stage,
        evidence=(said, "cloudpickle wrote functions by their code, not by their names"),
        remedy=f"run it with Python {compiled}, or save it again with {asked}",
    )


def check_python_syntax(case: Case) -> Diagnosis | None:
    """Know code that is written for a newer Python."""
    raised = case.failure.last
    if raised is None:
        return None
    for pattern, versions in _NEWER_SYNTAX:
        if raised.type == "TypeError" and re.search(pattern, raised.message):
            return _python(case, raised, "the code is written for a newer Python", versions)
    if raised.type in ("SyntaxError", "IndentationError"):
        code = raised.frames[-1].code if raised.frames else ""
        known = (versions for pattern, versions in _SYNTAX if re.search(pattern, code))
        problem = "the code is written for another version of Python"
        return _python(case, raised, problem, next(known, ""))
    return None


def check_name(case: Case) -> Diagnosis | None:
    """Know a name that a library no longer has, or has not yet."""
    for raised in case.failure.chain:
        name = _missing_name(raised)
        if not name:
            continue
        fact = _fact(name)
        if fact is not None and fact.distribution == PYTHON:
            problem = f"{name} is in Python {split_python(fact.versions)} alone"
            return _python(case, raised, problem, fact.versions)
        module = name if fact is None else fact.name
        if fact is None and raised.type == "AttributeError" and not _is_module_name(raised):
            continue
        owner = owner_of(module.rpartition(".")[0] or module, case.known.installed, case.known.pins)
        distribution = fact.distribution if fact is not None else owner.name
        if fact is None and not owner.certain:
            continue
        return _wrong_version(case, raised, name, distribution, fact)
    return None


def differs(verdict: Verdict, known: Knowledge) -> Diagnosis:
    """Judge a prediction that is another than the recorded one."""
    for name, made in known.pickled.items():
        used = known.pins.get(name, "")
        if used and used != made:
            line = f"{name}=={made}"
            return Diagnosis(
                rule="other-prediction",
                problem=f"the prediction differs, and the model was pickled with {name} {made},"
                f" not {used}",
                subject=name,
                evidence=(verdict.reason,),
                edit=Edit(line),
                remedy=add_command(Case(Failure(text=verdict.reason), known), line),
            )
    return Diagnosis(
        rule="other-prediction",
        problem="the prediction differs from the recorded one",
        subject="prediction",
        evidence=(verdict.reason,),
        remedy="compare the pins with those that the model was made with",
        certain=False,
    )


def _wrong_version(
    case: Case, raised: Raised, name: str, distribution: str, fact: Fact | None
) -> Diagnosis:
    pinned = case.known.pins.get(distribution, "")
    line, certain, why = "", True, ""
    if fact is not None:
        line, why = f"{distribution}{fact.versions}", f"{fact.name} is in {fact.versions} alone"
    elif wish := _wish(case, raised, distribution, pinned):
        line, why = wish
    elif here := case.known.better(distribution):
        line, why = (
            f"{distribution}=={here}",
            f"the model was made with {here}, as far as is known here",
        )
    elif pinned:
        line, certain, why = f"{distribution}>{pinned}", False, "a later one may have it"
    what = f"{distribution} {pinned}".strip()
    direction = " (too new)" if "<" in line else " (too old)" if ">" in line else ""
    return Diagnosis(
        rule="other-version",
        problem=f"{what} has no {name}{direction}",
        subject=distribution,
        stage=case.failure.stage,
        evidence=(*_said(case), *([why] if why else [])),
        edit=Edit(line) if line else None,
        remedy=add_command(case, line) if line else f"choose another version of {distribution}",
        alternatives=(f"{distribution}<{pinned}",) if not certain else (),
        certain=certain,
    )


def _wish(case: Case, raised: Raised, distribution: str, pinned: str) -> tuple[str, str] | None:
    """Find what the one who asked says of the version, where the pin is none of these."""
    installed = case.known.installed
    if installed is None or not pinned:
        return None
    for frame in reversed(raised.frames):
        asker = owner_of(frame.module, installed, case.known.pins).name
        found = installed.get(asker)
        if found is None or str(found.version) != case.known.pins.get(asker):
            continue
        for need in found.needs(installed.target):
            same = canonicalize_name(need.name) == distribution
            if same and not need.specifier.contains(pinned, prereleases=True):
                return f"{distribution}{need.specifier}", f"{asker} requires {need}"
    return None


def _missing_name(raised: Raised) -> str:
    """Write ``module.name`` of what an import or an attribute error is about."""
    if found := _FROM.search(raised.message) or _PICKLED.search(raised.message):
        return f"{found[2]}.{found[1]}"
    if found := _NUMPY.search(raised.message):
        return f"numpy.{found[1]}"
    if raised.type == "AttributeError":
        if found := _MODULE.search(raised.message):
            return f"{found[1]}.{found[2]}"
        if found := _OBJECT.search(raised.message):
            return f"{found[1] or found[3]}.{found[2] or found[4]}"
    return ""


def _is_module_name(raised: Raised) -> bool:
    patterns = (_MODULE, _PICKLED, _NUMPY)
    return any(pattern.search(raised.message) for pattern in patterns)


def _fact(name: str) -> Fact | None:
    """Look a name up; a class is written without the module that has it."""
    found = fact_about(name)
    if found is not None and (found.name == name or name.startswith(f"{found.name}.")):
        return found
    suffix = f".{name}"
    return next((fact for key, fact in FACTS.items() if key.endswith(suffix)), None)


def _python(case: Case, raised: Raised, problem: str, versions: str) -> Diagnosis:
    used = re.search(r"python(3\.\d+)", " ".join(frame.file for frame in raised.frames))
    evidence = [str(raised)]
    evidence += [f"it ran in Python {used[1]}"] if used else []
    evidence += [f"the model was made with Python {case.known.python}"] if case.known.python else []
    return Diagnosis(
        rule="python-version",
        problem=problem,
        subject=PYTHON,
        stage=case.failure.stage,
        evidence=tuple(evidence),
        remedy=python_remedy(case, versions),
    )


def _is_about(case: Case, name: str) -> bool:
    """Tell whether a failure happened in a distribution, or while what it pickled was loaded."""
    tops = {"scikit-learn": "sklearn"}
    top = tops.get(name, name)
    last = case.failure.last
    if last is None:
        return False
    about = f"'{top}" in last.message or f"{top}." in last.message or "pickle" in last.message
    return about or any(f"/{top}/" in frame.file for frame in last.frames[-3:])


def _said(case: Case) -> tuple[str, ...]:
    last = case.failure.last
    if last is None:
        return ()
    outside = [frame for frame in last.frames if not frame.file.startswith("<frozen")]
    return (str(last), *([f"{outside[-1].place}: {outside[-1].code}"] if outside else []))


def is_major(version: str, number: int) -> bool:
    """Tell whether a version is of that major number or a later one."""
    try:
        return Version(version).major >= number
    except InvalidVersion:
        return False
