"""Guess what a model's proof will run, from its pickle and the outcome of an earlier proof."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.run_variables import may_be_recorded, read_variables
from ...base.siblings import resolver, tracer
from ...environments.interpreter import Python
from ...environments.spec import EnvironmentContents, EnvironmentRequest, request_environment
from ...folder.bundling import separate_projects
from ...folder.code.code_plan import CodePlan
from ...folder.code.plan import plan_code
from ...folder.example import modules_of
from ..request.plan import SavePlan
from .history import Outcome, key_of
from .own_imports import Loaded, follow_imports
from .pandas_texts import FIRST, PANDAS, PYARROW, holds_texts

_TRAVELLING = ("local", "editable", "label")
"""Origins of distributions that may have to travel as wheels."""
_LARGEST_CODE = 16 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """The environment, variables and code that a proof is expected to use."""

    wanted: EnvironmentRequest
    """The environment; all of its pins are installed."""
    variables: Mapping[str, str]
    code: CodePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """The facts about a model before its first run."""

    plan: SavePlan
    model: object
    """The model itself; None if it is not in this process."""
    modules: tuple[str, ...]
    """The modules that its pickle or script names."""
    script: Path | None
    """The script that defines it, if one does."""
    example: Mapping[str, Any]
    """The description of the input example."""
    python: Python
    installed: resolver.Installed
    environment: Mapping[str, str]

    @property
    def exemplified(self) -> tuple[str, ...]:
        """The modules that define the types in the input example."""
        return modules_of(self.example)

    @property
    def settable(self) -> dict[str, str]:
        """The variables that are set and may be recorded with a prediction."""
        given = {
            name: each for name, each in self.environment.items() if each not in ("", "random")
        }
        return {name: given[name] for name in sorted(given) if may_be_recorded(name)}

    @property
    def key(self) -> str:
        """A key of all of these facts, except the values of variables and the content of code."""
        plan, python = self.plan, self.python
        return key_of(
            {
                "modules": self.modules,
                "exemplified": self.exemplified,
                "python": (str(python.executable), python.version, *python.path),
                "installed": sorted(each.info for each in self.installed),
                "variables": self.settable,
                "requirements": [repr(plan.requirements.merge((), self.installed.target))],
                "code": [str(plan.code)],
                "policy": [plan.policy.optional, str(plan.policy.strict)],
            }
        )


def foresee(known: KnownModel, before: Outcome | None) -> Guess | None:
    """Return the guess, from the outcome `before` of an earlier proof if there is one.

    None if there is no basis for one. Raises the resolver's errors if the user's lines, or the
    installed distributions, contradict each other.
    """
    found = _attributed(known, () if before is None else before.modules)
    if found is None:
        return None
    lines = _resolved(known, found) if before is None else before.requirements
    wanted = _wanted(known, lines)
    if wanted is None:
        return None
    code = _code(known, found.first_party, found.projects)
    variables = _variables(known, wanted, before)
    return None if code is None else Guess(wanted=wanted, variables=variables, code=code)


def _attributed(
    known: KnownModel, before: Iterable[tuple[str, str]]
) -> resolver.Attribution | None:
    """Return the owners of the modules that the model will import; None if a wheel has to travel.

    The user's own modules in `before`, each with its file, are included.
    """
    plan, installed = known.plan, known.installed

    def is_own(file: str, name: str) -> bool:
        standard = name.partition(".")[0] in sys.stdlib_module_names
        return not standard and not installed.owners(file, name)

    names = (*(() if known.script else known.modules), *known.exemplified)
    here = Loaded(sys.modules, known.python.path)
    named = follow_imports(names, known.model, known.script, here, is_own)
    own = {name: file for name, file in named.items() if file is not None}
    own |= {module: file for module, file in before if Path(file).is_file()}
    found = resolver.attribute(
        [_as_imported(name, file) for name, file in own.items()],
        installed,
        named=named,
        exemplified=known.exemplified,
        stdlib=known.python.stdlib,
    )
    asked = plan.requirements.names(installed.target)
    rest, packed = separate_projects(found, carries_code=plan.code != (), named=asked)
    return None if packed else rest


def _as_imported(name: str, file: str) -> tracer.ImportRecord:
    """Return an import record of a module that has not been seen imported: its name and file."""
    return tracer.ImportRecord(
        order=0,
        name=name,
        file=file,
        importer=None,
        importer_file=None,
        line=None,
        loaded=True,
        phase="",
        how="appeared",
    )


def _resolved(known: KnownModel, found: resolver.Attribution) -> tuple[str, ...]:
    """Return the pins that follow from the expected imports, without asking an index."""
    plan, target = known.plan, known.installed.target
    roots = [item.distribution for item in found.of_kind("direct", "input")]
    roots += _called(known, found, roots)
    projects = [project.distribution for project in found.projects]
    merged = plan.requirements.merge(roots, target, projects)
    strict = plan.policy.strict
    resolution = resolver.resolve(merged, known.installed, strict=strict, index="never")
    return tuple(str(pin.requirement) for pin in resolution.pins)


def _called(
    known: KnownModel, found: resolver.Attribution, roots: Iterable[resolver.Distribution]
) -> Iterator[resolver.Distribution]:
    """Yield distributions that these call if installed, without requiring them: pandas, pyarrow."""
    versions = {root.name: root.version for root in roots}
    pyarrow = known.installed.get(PYARROW)
    if pyarrow is None or PANDAS not in versions or versions[PANDAS].major < FIRST:
        return
    sources = [Path(each.file) for each in found.first_party]
    sources += [known.script] if known.script else []
    if holds_texts(known.example, known.modules, versions, sources):
        yield pyarrow


def _wanted(known: KnownModel, lines: tuple[str, ...]) -> EnvironmentRequest | None:
    """Return the environment of these pins; None if it is no replica, or a wheel has to travel."""
    contents = EnvironmentContents(requirements=lines)
    wanted = request_environment(contents, known.python, known.installed)
    if wanted.distributions is None:
        return None
    travels = any(each.provenance in _TRAVELLING for each in wanted.distributions)
    return None if travels else wanted


def _code(
    known: KnownModel, modules: Iterable[resolver.FirstParty], projects: Iterable[resolver.Project]
) -> CodePlan | None:
    """Return the plan of the code that will travel; None if it is large or in an archive."""
    named = known.plan.code
    own = () if named == () else tuple(modules)
    if not all(Path(each.file).is_file() for each in own):
        return None
    plan = plan_code(own, named or (), known.python.path, projects=projects)
    sizes = sum(source.stat().st_size for source in plan.files.values())
    return plan if sizes <= _LARGEST_CODE else None


def _variables(
    known: KnownModel, wanted: EnvironmentRequest, before: Outcome | None
) -> Mapping[str, str]:
    """Return the variables that are expected to be recorded with the run."""
    here = known.settable
    if not here:
        return {}
    if before is not None:
        return {name: here[name] for name in before.variables if name in here}
    files = [file for each in wanted.distributions or () for file in each.files]
    tops = {file.partition("/")[0].removesuffix(".py") for file in files}
    modules = [name for name in list(sys.modules) if name.partition(".")[0] in tops]
    return read_variables(here, modules, [file for file in files if ".so" in file])
