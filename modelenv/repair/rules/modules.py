"""Rules for what is not found: modules, distributions, the model's own code."""

from __future__ import annotations

import re
import sys

from packaging.utils import canonicalize_name

from ...folder.documents.names import LOADER
from ...system import data as system_data
from ..context import Case
from ..data import read_table
from ..diagnosis import Diagnosis
from ..owners.facts import PYTHON, Fact, fact_about
from ..owners.modules import Owner, is_distribution_name, shared_names, well_known
from ..reading.chain import CodeFrame
from ..reading.failure import named_missing
from .missing import left_behind, missing_distribution, nobody_s, pinned_elsewhere
from .remedies import python_remedy, shown_versions, split_python

_NO_METADATA = re.compile(r"No package metadata was found for (?P<name>.+)")
_REQUIRED = re.compile(r"The '(?P<name>[\w.-]*\w)[^']*' distribution was not found and is required")
# The module that loads a folder; no distribution has it.
_OURS = (LOADER,)
# The message of Debian's Python since 3.15.
_SYSTEM_PACKAGE = re.compile(r"Please install the (python3?[\w.]*-[\w.-]*\w) package\b")
_NOT_IN_SHARED = re.compile(r"cannot import name '(\w+)' from '([\w.]+)' \(unknown location\)")


def check_stdlib_part(case: Case) -> Diagnosis | None:
    """Diagnose what no distribution has to bring: it is Python's own, or of the folder itself."""
    module = _missing_module(case)
    if asked := _of_system_package(case):
        return asked
    package = system_data.read_table("debian_packages")["python_parts"].get(module)
    own = (*sys.stdlib_module_names, *_OURS, "pip")
    is_own = module.partition(".")[0] in own and fact_about(module) is None
    if package is None and (is_own or module in _named_by_python(case)):
        return _of_python(case, module)
    if package is None:
        return None
    return case.diagnosis(
        "incomplete-python",
        f"this Python was built without {module}",
        module,
        case.failure.first_evidence,
        remedy=f"apt-get install -y {package}, then build Python again (or take another one)",
    )


def check_own_code(case: Case) -> Diagnosis | None:
    """Diagnose a module of the user's own that does not travel with the model."""
    module = _missing_module(case)
    top = module.partition(".")[0]
    if not module or _is_of_known(case, module) or not _is_own(case, module):
        return None
    traced = case.known.asked_by(module) or case.known.asked_by(top)
    seen = [f"it was imported when the model was saved{f', by {traced}' if traced else ''}"]
    return case.diagnosis(
        "missing-own-code",
        f"{module} is a module of the model's own, and it is not in the folder's code/",
        module,
        (*seen, *case.failure.first_evidence),
        remedy=f"save the model again where {top} can be imported, or copy {top} into code/",
        # Otherwise it may belong to a formerly pinned distribution that is unknown here.
        certain=top in case.known.code or case.known.is_own_file(module),
    )


def check_missing_module(case: Case) -> Diagnosis | None:
    """Diagnose a module that is not there, by its distribution."""
    module = _missing_module(case)
    if not module:
        return None
    fact = fact_about(module)
    if fact is not None and fact.distribution == PYTHON:
        return _stdlib_moved(case, module, fact.versions)
    if module in shared_names():
        return _shared(case, module)
    return _of_distribution(case, module, fact)


def _of_distribution(case: Case, module: str, fact: Fact | None) -> Diagnosis:
    owner = case.known.owner_of(module)
    if not owner.certain:
        owner = case.known.optionals.owner_of_module(module) or owner
    if fact is not None and fact.distribution != owner.name:
        owner = Owner(fact.distribution, f"{fact.name} belongs to {fact.distribution}")
    if elsewhere := _pinned_elsewhere(case, module, owner):
        return elsewhere
    if fact is not None and fact.versions:
        return _in_other_version(case, module, owner, f"{owner.name}{fact.versions}")
    if owner.name in case.known.pins:
        line = case.known.original_pin(owner.name)
        certain = case.known.has_module(line, module)
        return _in_other_version(case, module, owner, line, certain=certain)
    known = owner.certain or case.known.is_familiar(owner.name)
    if known or not is_distribution_name(owner.name) or case.known.has(owner.name) is not None:
        return missing_distribution(case, module, owner)
    return nobody_s(case, module, owner.name)


def check_metadata(case: Case) -> Diagnosis | None:
    """Diagnose a distribution that is asked for by its name."""
    for raised in reversed(case.failure.chain):
        found = _REQUIRED.search(raised.message)
        said = found or _NO_METADATA.fullmatch(raised.message.partition("\n")[0].strip())
        if said is None:
            continue
        # More words than a name are somebody's own; what one of them means has to be known.
        words = re.findall(r"[\w.-]*\w", said["name"])
        known = [name for name in map(canonicalize_name, words) if case.known.is_familiar(name)]
        if len(words) == 1 or known:
            name = known[0] if known else canonicalize_name(words[0])
            if elsewhere := pinned_elsewhere(case, name, "its own metadata", raised):
                return elsewhere
            return case.diagnosis(
                "missing-distribution",
                f"the distribution {name} is asked for by its name and is not there",
                name,
                (*raised.evidence, *left_behind(case, name)),
                edit=case.known.requirement(name),
                certain=len(words) == 1 or canonicalize_name(words[0]) == name,
            )
    return None


def _pinned_elsewhere(case: Case, module: str, owner: Owner) -> Diagnosis | None:
    """Diagnose a module that a pinned distribution has, as far as anything says so."""
    pins, fact = case.known.pins, fact_about(module)
    names = map(canonicalize_name, (owner.name, *owner.alternatives))
    name = next((each for each in names if each in pins), "")
    recorded = case.known.has_module(f"{name}=={pins.get(name)}", module)
    if fact is not None and fact.versions and not recorded:
        has = fact.distribution == name and fact.holds_for(pins.get(name, ""))
        sure = fact.name == module
    else:
        has = recorded or "." not in module
        sure = recorded or module in well_known()
    return pinned_elsewhere(case, name, module, certain=sure) if has else None


def _named_by_python(case: Case) -> tuple[str, ...]:
    """Return the module that Python itself calls one of the standard library, newer than this."""
    said = (raised.message for raised in case.failure.chain)
    return tuple(named_missing(each) for each in said if "tandard library module" in each)


def _of_system_package(case: Case) -> Diagnosis | None:
    """Diagnose a part of Python that the system keeps in a package, as its Python says itself."""
    for raised in case.failure.chain:
        found = _SYSTEM_PACKAGE.match(raised.message)
        if raised.type == "ModuleNotFoundError" and found:
            return case.diagnosis(
                "incomplete-python",
                f"this Python is without what the system's package {found[1]} brings",
                found[1],
                raised.evidence,
                remedy=f"apt-get install -y {found[1]}",
            )
    return None


def _of_python(case: Case, module: str) -> Diagnosis:
    top = module.partition(".")[0]
    systems = read_table("failure_messages")["platform_modules"]
    system = next((each for each, names in systems.items() if module in names), "")
    if system:
        return case.diagnosis(
            "other-system",
            f"{module} is of the standard library on {system} alone",
            module,
            case.failure.first_evidence,
            remedy=f"run it on {system}, or take a library, or a version of it, for this system",
        )
    if top in _OURS:
        problem = f"{module} is of the model folder itself, and its code/ is not on Python's path"
        remedy = "read it with modelenv.load_model, or put the folder's code/ on PYTHONPATH"
    elif top == "pip":
        problem, remedy = "this Python has no pip", "python -m ensurepip --upgrade"
    else:
        problem = f"{module} is of the standard library, and this Python has none of that name"
        remedy = (
            "take a whole Python (this build lacks a part of it), and let no file of your own be"
            f" called {top}.py"
        )
    rule = "missing-own-code" if top in _OURS else "incomplete-python"
    return case.diagnosis(rule, problem, module, case.failure.first_evidence, remedy=remedy)


def _shared(case: Case, module: str) -> Diagnosis:
    known = well_known()
    below = sorted(known[name][0] for name in known if name.startswith(f"{module}."))
    return case.diagnosis(
        "shared-name",
        f"{module} is a name that many distributions share, and none of them is there",
        module,
        case.failure.first_evidence,
        remedy="add the one whose module is imported: " + ", ".join(below or ["…"]),
        certain=False,
    )


def _in_other_version(
    case: Case, module: str, owner: Owner, line: str, *, certain: bool = True
) -> Diagnosis:
    pinned = case.known.pins.get(owner.name)
    rest = f": that is in {shown_versions(line)}" if line else ""
    choose = f"choose the version of {owner.name} that the model was made with"
    return case.diagnosis(
        "other-version" if pinned or not line else "missing-module",
        f"{case.known.pinned(owner.name)} has no {module}{rest}",
        owner.name,
        (owner.source, *case.failure.first_evidence),
        edit=line,
        remedy="" if line else choose,
        certain=certain or not (line or case.failure.pasted),
    )


def _stdlib_moved(case: Case, module: str, versions: str) -> Diagnosis:
    replaced = module.partition(".")[0] == "distutils"
    return case.diagnosis(
        "python-version",
        f"{module} is in the standard library of Python {split_python(versions)} alone",
        PYTHON,
        case.failure.first_evidence,
        edit="setuptools" if replaced else "",
        remedy="" if replaced else python_remedy(case.known, versions),
    )


def _missing_module(case: Case) -> str:
    """Return the whole name of the module that is missing, as the code that asked spells it."""
    for raised in case.failure.chain:
        name = named_missing(raised.message)
        if name:
            return _spelled_out(name, raised.frames, case.known.named)
        found = _NOT_IN_SHARED.search(raised.message)
        if found and found[2] in shared_names():
            return f"{found[2]}.{found[1]}"
    return case.failure.missing[-1] if case.failure.missing and not case.failure.chain else ""


def _spelled_out(name: str, frames: tuple[CodeFrame, ...], named: tuple[str, ...]) -> str:
    """Return ``google`` completed to ``google.protobuf`` if the importing line has that."""
    code = frames[-1].code if frames else ""
    pattern = rf"\b(?:import|from)\s+({re.escape(name)}(?:\.\w+)*)"
    found = re.search(pattern, code)
    if found is None:
        found = re.search(rf"['\"]({re.escape(name)}(?:\.\w+)*)['\"]", code)
    if found is not None:
        rest = re.search(rf"from\s+{re.escape(found[1])}\s+import\s+(\w+)", code)
        return f"{found[1]}.{rest[1]}" if rest and found[1] in shared_names() else found[1]
    longer = [each.rpartition(".")[0] for each in named if each.startswith(f"{name}.")]
    return min(longer, key=len) if longer and name in shared_names() else name


def _is_of_known(case: Case, module: str) -> bool:
    """Return whether Python or a distribution is known to have, or to have had, a module.

    A module that was loaded by a Python that no longer had it was another of that name.
    """
    fact = fact_about(module)
    if fact is None or fact.distribution != PYTHON:
        return fact is not None
    known = case.known
    return not (known.traced and known.was_loaded(module) and not fact.holds_for(known.traced))


def _is_own(case: Case, module: str) -> bool:
    """Return whether a module is the user's: it travels, or was traced and has no owner."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or case.known.is_installed(module):
        return False
    if top in case.known.code and top not in shared_names():
        return True
    if case.known.owner_of(top).certain:
        return case.known.is_own_file(module)
    return case.known.was_loaded(top)
