"""Rules for libraries that do not fit together, or not to the pickle, without saying so."""

from __future__ import annotations

import re

from packaging.specifiers import SpecifierSet

from ..context import Case
from ..data import read_table
from ..diagnosis import Diagnosis
from ..reading.chain import CodeFrame, Raised

_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_ARGUMENT = re.compile(r"(?<!\S)(\S+)\(\) got an unexpected keyword argument '(\w+)'")
# Arguments from the model's own code: they say nothing of the library's version.
_LISTED = """
NoneType bool bytes builtin_function_or_method dict float function generator int list method module
set str tuple type DataFrame Series ndarray csr_matrix
"""
_PLAIN = frozenset(_LISTED.split())


def check_made_elsewhere(case: Case) -> Diagnosis | None:
    """Diagnose a pickle that another version of a library made, by what that library says."""
    for raised in case.failure.chain:
        for name, pattern, line in read_table("failure_messages")["made_elsewhere"]:
            if re.search(pattern, raised.message):
                return _other_version(
                    case,
                    raised,
                    name,
                    "pickle-version",
                    f"what {name} reads was made with another version of it",
                    case.known.original_pin(name) or line,
                )
    return None


def check_too_new(case: Case) -> Diagnosis | None:
    """Diagnose a library that is too new for another one, which is all that the failure names."""
    for raised in case.failure.chain:
        for name, said, pattern, problem in read_table("failure_messages")["too_new"]:
            version = case.known.pins.get(name, "")
            fits = bool(version) and SpecifierSet(said).contains(version, prereleases=True)
            if not fits and re.search(pattern, raised.message):
                return case.diagnosis(
                    "other-version", problem, name, raised.evidence, edit=f"{name}{said}"
                )
    return None


def check_mismatch(case: Case) -> Diagnosis | None:
    """Diagnose a library that stumbles over an object or a function of another version."""
    raised = case.failure.last
    if raised is None or not raised.frames or not _is_installed(raised.frames[-1]):
        return None
    owner = case.known.owner_of(raised.frames[-1].module).name
    if raised.type == "AttributeError" and (found := _ATTRIBUTE.search(raised.message)):
        if found[1] in _PLAIN:
            return None
        what = f"{owner} finds no {found[2]} on a {found[1]}"
    elif raised.type == "TypeError" and (found := _ARGUMENT.search(raised.message)):
        what = f"{owner} calls {found[1]} with {found[2]}, which it does not take"
    else:
        return None
    problem = f"{what}: one of the two is of another version than the other was made for"
    line = case.known.original_pin(owner)
    return _other_version(case, raised, owner, "other-version", problem, line)


def _other_version(
    case: Case, raised: Raised, name: str, rule: str, problem: str, line: str
) -> Diagnosis:
    choose = f"choose the version of {name} that the model was made with"
    return case.diagnosis(
        rule,
        problem,
        name,
        raised.evidence,
        edit=line,
        remedy="" if line else choose,
        certain=False,
    )


def _is_installed(frame: CodeFrame) -> bool:
    return re.search(r"[/\\](?:site|dist)-packages[/\\]", frame.file) is not None
