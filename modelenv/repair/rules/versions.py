"""Rules for what is there in another version: names, pickles, Pythons."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...worker.verdict import Verdict
from ..context import Case, Knowledge
from ..data import read_table
from ..diagnosis import Diagnosis
from ..owners.facts import PYTHON, Fact, fact_about_attribute
from ..reading.chain import Raised
from ..reading.failure import Failure
from .missing import left_behind, pinned_elsewhere
from .remedies import python_remedy, split_python

_FROM = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")
_PICKLED = re.compile(r"Can't get attribute '([\w.]+)' on <module '([\w.]+)'")
_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_OBJECT = re.compile(
    r"'(\w+)' object has no attribute '(\w+)'|type object '(\w+)' has no .* '(\w+)'"
)
_NUMPY = re.compile(r"`np\.(\w+)` was removed")
_UNPICKLED = re.compile(
    r"unpickle estimator \w+ from version (?P<made>\w+(?:\.\w+)*) when using"
    r" version (?P<used>\w+(?:\.\w+)*)"
)


def check_pickle_version(case: Case) -> Diagnosis | None:
    """Diagnose a pickle that says which version of a library it was made with."""
    warned = _UNPICKLED.search(case.failure.text)
    said = [("scikit-learn", warned["made"], warned["used"])] if warned else case.known.repinned()
    for name, made, used in said:
        if made != used and _is_about(case, name):
            if warned and case.known.pins.get(name) == made:
                return pinned_elsewhere(case, name, f"what {made} pickled", case.failure.last)
            return case.diagnosis(
                "pickle-version",
                f"the model was pickled with {name} {made}, and {used} cannot use it",
                name,
                case.failure.last_evidence,
                edit=f"{name}=={made}",
            )
    return None


def check_pickle_protocol(case: Case) -> Diagnosis | None:
    """Diagnose a pickle of another Python, which this one cannot read."""
    known = read_table("failure_messages")
    for raised in case.failure.chain:
        found = re.search(r"unsupported pickle protocol: (\d)", raised.message)
        if found:
            versions = {"4": ">=3.4", "5": ">=3.8"}.get(found[1], "")
            problem = f"the pickle is of protocol {found[1]}, which this Python does not read"
            return _python(case, raised, problem, versions)
        if any(re.search(pattern, raised.message) for pattern in known["other_python"]):
            problem = "the pickle holds code that was compiled by another version of Python"
            return _python(case, raised, problem, "")
    return None


def check_compiled_code(case: Case) -> Diagnosis | None:
    """Diagnose a model with code compiled for another Python: that may fail in any way."""
    compiled, last = case.known.compiled_for, case.failure.last
    if not compiled or case.failure.missing or case.failure.stage not in ("load", "predict"):
        return None
    if last is not None and last.type in ("ImportError", "ModuleNotFoundError", "OSError"):
        return None
    said = str(last) if last is not None else case.failure.text.strip().rpartition("\n")[2]
    asked = case.known.python
    return case.diagnosis(
        "python-version",
        f"the pickle holds code compiled for Python {compiled}, the folder wants {asked}",
        PYTHON,
        (said, "cloudpickle wrote functions by their code, not by their names"),
        remedy=f"run it with Python {compiled}, or save it again with {asked}",
    )


def check_python_syntax(case: Case) -> Diagnosis | None:
    """Diagnose code that is written for a newer Python."""
    raised = case.failure.last
    if raised is None:
        return None
    table = read_table("failure_messages")
    for pattern, versions in table["newer_calls"]:
        if raised.type == "TypeError" and re.search(pattern, raised.message):
            return _python(case, raised, "the code is written for a newer Python", versions)
    if raised.type in ("SyntaxError", "IndentationError"):
        code = raised.frames[-1].code if raised.frames else ""
        known = (
            versions for pattern, versions in table["newer_syntax"] if re.search(pattern, code)
        )
        problem = "the code is written for another version of Python"
        return _python(case, raised, problem, next(known, ""))
    return None


def check_name(case: Case) -> Diagnosis | None:
    """Diagnose a name that a library no longer has, or has not yet."""
    for raised in case.failure.chain:
        name = _missing_name(raised)
        if not name:
            continue
        fact = fact_about_attribute(name)
        if fact is not None and fact.distribution == PYTHON:
            problem = f"{name} is in Python {split_python(fact.versions)} alone"
            return _python(case, raised, problem, fact.versions)
        module = name if fact is None else fact.name
        if fact is None and raised.type == "AttributeError" and not _is_module_name(raised):
            continue
        owner = case.known.owner_of(module.rpartition(".")[0] or module)
        distribution = fact.distribution if fact is not None else owner.name
        if fact is None and not owner.certain:
            continue
        return _wrong_version(case, raised, name, distribution, fact)
    return None


def diagnose_difference(verdict: Verdict, known: Knowledge) -> Diagnosis:
    """Diagnose a prediction that is another than the recorded one."""
    case = Case(Failure(text=verdict.reason), known)
    for name, made, used in known.repinned():
        return case.diagnosis(
            "other-prediction",
            f"the prediction differs, and the model was pickled with {name} {made}, not {used}",
            name,
            (verdict.reason,),
            edit=f"{name}=={made}",
        )
    first, *others = map(known.requirement, known.removed or ("",))
    return case.diagnosis(
        "other-prediction",
        "the prediction differs from the recorded one",
        "prediction",
        (verdict.reason, *(line for name in known.removed for line in left_behind(case, name))),
        edit=first,
        remedy="" if first else "compare the pins with those that the model was made with",
        alternatives=tuple(others),
        certain=False,
    )


def _wrong_version(
    case: Case, raised: Raised, name: str, distribution: str, fact: Fact | None
) -> Diagnosis:
    pinned = case.known.pins.get(distribution, "")
    line, certain, why = "", True, ""
    others: tuple[str, ...] = ()
    if fact is not None and f".{fact.name}".endswith(f".{name}") and fact.holds_for(pinned):
        elsewhere = pinned_elsewhere(case, distribution, name, case.failure.last)
        if elsewhere is not None:
            return elsewhere
    if fact is not None and not fact.holds_for(pinned):
        line, why = f"{distribution}{fact.versions}", f"{fact.name} is in {fact.versions} alone"
    elif required := _required_by_caller(case, raised, distribution, pinned):
        line, why = required
    elif here := case.known.original_version(distribution):
        line, certain = f"{distribution}=={here}", here == case.known.pickled.get(distribution)
        why = f"the model was made with {here}, as far as is known here"
    elif pinned:
        line, certain, why = f"{distribution}>{pinned}", False, "a later one may have it"
        others = (f"{distribution}<{pinned}",)
    direction = " (too new)" if "<" in line else " (too old)" if ">" in line else ""
    return case.diagnosis(
        "other-version",
        f"{case.known.pinned(distribution)} has no {name}{direction}",
        distribution,
        (*case.failure.last_evidence, *([why] if why else [])),
        edit=line,
        remedy="" if line else f"choose another version of {distribution}",
        alternatives=others,
        certain=certain,
    )


def _required_by_caller(
    case: Case, raised: Raised, distribution: str, pinned: str
) -> tuple[str, str] | None:
    """Return what the caller requires of a distribution, if the pin does not meet it."""
    installed = case.known.installed
    if installed is None or not pinned:
        return None
    for frame in reversed(raised.frames):
        asker = case.known.owner_of(frame.module).name
        found = installed.get(asker)
        if found is None or str(found.version) != case.known.pins.get(asker):
            continue
        for need in found.needs(installed.target):
            same = canonicalize_name(need.name) == distribution
            if same and not need.specifier.contains(pinned, prereleases=True):
                return f"{distribution}{need.specifier}", f"{asker} requires {need}"
    return None


def _missing_name(raised: Raised) -> str:
    """Return ``module.name`` of what an import or an attribute error is about."""
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


def _python(case: Case, raised: Raised, problem: str, versions: str) -> Diagnosis:
    used = re.search(r"python(3\.\d+)", " ".join(frame.file for frame in raised.frames))
    evidence = [str(raised)]
    evidence += [f"it ran in Python {used[1]}"] if used else []
    evidence += [f"the model was made with Python {case.known.python}"] if case.known.python else []
    return case.diagnosis(
        "python-version",
        problem,
        PYTHON,
        evidence,
        remedy=python_remedy(case.known, versions),
    )


def _is_about(case: Case, name: str) -> bool:
    """Return whether a failure happened in a distribution, or while what it pickled was loaded."""
    tops = {"scikit-learn": "sklearn"}
    top = tops.get(name, name)
    last = case.failure.last
    if last is None:
        return False
    about = f"'{top}" in last.message or f"{top}." in last.message or "pickle" in last.message
    return about or any(f"/{top}/" in frame.file for frame in last.frames[-3:])


def is_major(version: str, number: int) -> bool:
    """Return whether a version is of that major number or a later one."""
    try:
        return Version(version).major >= number
    except InvalidVersion:
        return False
