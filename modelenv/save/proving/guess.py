"""Foresee what the proof of a model will be asked: from its pickle, and from what was so before."""

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
    """A guess at the environment, variables and code that a proof will ask for."""

    wanted: EnvironmentRequest
    """The environment, every pin of which is installed."""
    variables: Mapping[str, str]
    code: CodePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """All that is known of a model before it has run."""

    plan: SavePlan
    model: object
    """The model itself; None where it is not in this process."""
    modules: tuple[str, ...]
    """The modules that its pickle, or its script, names."""
    script: Path | None
    """The script that defines it, where one does."""
    example: Mapping[str, Any]
    """The description of the input example."""
    python: Python
    installed: resolver.Installed
    environment: Mapping[str, str]

    @property
    def exemplified(self) -> tuple[str, ...]:
        """The modules whose values the input example is made of."""
        return modules_of(self.example)

    @property
    def settable(self) -> dict[str, str]:
        """The variables that are set and that a prediction may be recorded with."""
        given = {
            name: each for name, each in self.environment.items() if each not in ("", "random")
        }
        return {name: given[name] for name in sorted(given) if may_be_recorded(name)}

    @property
    def key(self) -> str:
        """A key of all that it is known of, values of variables and the content of code aside."""
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
    """Return what a proof will be asked, by the outcome `before` where there is one.

    None where that cannot be foreseen. Raises the resolver's errors where the user's lines, or what
    is installed, contradict each other.
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
    """Return whose the modules are that will be imported by the model; None: a wheel is made.

    Among them are the user's own modules of `before`, each with its file.
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
    """Return the record of a module of which no import was seen: it says where it is, alone."""
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
    """Return the pins that what is imported leads to, without asking an index."""
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
    """Yield what these call where it is installed, and do not require: pandas calls pyarrow."""
    versions = {root.name: root.version for root in roots}
    pyarrow = known.installed.get(PYARROW)
    if pyarrow is None or PANDAS not in versions or versions[PANDAS].major < FIRST:
        return
    sources = [Path(each.file) for each in found.first_party]
    sources += [known.script] if known.script else []
    if holds_texts(known.example, known.modules, versions, sources):
        yield pyarrow


def _wanted(known: KnownModel, lines: tuple[str, ...]) -> EnvironmentRequest | None:
    """Return the environment of these pins, where a replica can be had and no wheel travels."""
    contents = EnvironmentContents(requirements=lines)
    wanted = request_environment(contents, known.python, known.installed)
    if wanted.distributions is None:
        return None
    travels = any(each.provenance in _TRAVELLING for each in wanted.distributions)
    return None if travels else wanted


def _code(
    known: KnownModel, modules: Iterable[resolver.FirstParty], projects: Iterable[resolver.Project]
) -> CodePlan | None:
    """Return which code will travel; None: it is much, or some of it stands in an archive."""
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
    """Return the variables that the run will be recorded with."""
    here = known.settable
    if not here:
        return {}
    if before is not None:
        return {name: here[name] for name in before.variables if name in here}
    files = [file for each in wanted.distributions or () for file in each.files]
    tops = {file.partition("/")[0].removesuffix(".py") for file in files}
    modules = [name for name in list(sys.modules) if name.partition(".")[0] in tops]
    return read_variables(here, modules, [file for file in files if ".so" in file])
