"""From modules to distributions: which ones ran, of which kind, and on whose behalf."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH113, PTH118, PTH208
import os
import sys
import sysconfig
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from packaging.utils import canonicalize_name

from .editable import top_modules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .installed import Distribution, Installed

Kind = Literal["direct", "input", "declared", "optional"]

_FEW = 3
# Names that no import path leads to: the script that was started.
_SCRIPT = frozenset({"__main__", "__mp_main__"})
# What was put into `sys.modules`, or taken out of it, without an import.
_BY_HAND = frozenset({"appeared", "removed"})


class Imported(Protocol):
    """What a trace says of one module; `tracer.ImportRecord` has it."""

    @property
    def name(self) -> str:
        """The full dotted name."""

    @property
    def file(self) -> str | None:
        """Where it was loaded from; None: built in, frozen, or a namespace package."""

    @property
    def importer(self) -> str | None:
        """The module that asked for it; None: the model itself."""

    @property
    def importer_file(self) -> str | None:
        """The file of the code that asked."""

    @property
    def line(self) -> int | None:
        """The line that asked."""

    @property
    def loaded(self) -> bool:
        """Whether it was there afterwards."""

    @property
    def phase(self) -> str:
        """The part of the run: "input" while the example was loaded."""

    @property
    def how(self) -> str:
        """How it was seen: one that "appeared" had nobody who asked for it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Say who asked for a module: an import edge."""

    module: str
    importer: str | None
    """The module that asked; None: the model itself."""
    file: str | None
    """Its file, relative to its path entry: "sklearn/utils/fixes.py"."""
    line: int | None

    def __str__(self) -> str:
        if self.file is None:
            return self.importer or "the model"
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Attributed:
    """A distribution that ran, and why."""

    distribution: Distribution
    kind: Kind
    evidence: tuple[Evidence, ...]
    """The first few import edges that show the kind."""
    modules: int
    """How many of its modules were loaded."""


@dataclass(frozen=True, slots=True)
class FirstParty:
    """A module that no distribution's files hold: code that is being written."""

    module: str
    file: str
    project: Distribution | None = None
    """The editable install whose code it is, None for the model's own."""


@dataclass(frozen=True, slots=True)
class Project:
    """An editable install that ran, or that others need: first-party code with metadata."""

    distribution: Distribution
    modules: tuple[FirstParty, ...]
    """Those that ran; where none did, its top-level ones as far as its metadata tells."""
    required: bool = False
    """Whether a distribution that is no editable install requires it by its metadata."""
    ran: bool = False
    """Whether any of its modules ran."""

    @classmethod
    def of(cls, distribution: Distribution, *, required: bool = False) -> Project:
        """Describe one of which nothing ran."""
        modules = (FirstParty(*each, distribution) for each in top_modules(distribution))
        return cls(distribution, tuple(modules), required)

    @property
    def is_compiled(self) -> bool:
        """Whether an extension module of it ran, which one platform alone can load."""
        return any(each.file.endswith((".so", ".pyd")) for each in self.modules)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose the modules of a trace are."""

    distributions: tuple[Attributed, ...]
    """Those that ran, by name."""
    first_party: tuple[FirstParty, ...]
    """What is nobody's, by name; the code of editable installs too."""
    projects: tuple[Project, ...] = ()
    """The editable installs among them, by name."""

    def of_kind(self, *kinds: Kind) -> tuple[Attributed, ...]:
        """Return the distributions of these kinds."""
        return tuple(each for each in self.distributions if each.kind in kinds)


def attribute(
    imports: Iterable[Imported],
    installed: Installed,
    *,
    named: Iterable[str] = (),
    stdlib: Iterable[str] = (),
) -> Attribution:
    """Find the distributions that the modules of a trace belong to, and their kinds.

    `named` are the modules that the model's pickle names. `stdlib` are the folders of the standard
    library of the interpreter that was traced; empty: this one's. Raises MetadataError where a
    distribution that the model needs states a requirement that is none.

    >>> from resolver import Installed
    >>> attribute([], Installed.current()).distributions
    ()
    """
    loaded = tuple(record for record in imports if record.loaded)
    ledger = _Ledger(installed, tuple(stdlib) or _own_stdlib(), loaded)
    for record in loaded:
        ledger.enter(record)
    for name in sorted(set(named)):
        ledger.enter_named(name)
    return ledger.close()


@dataclass(slots=True)
class _Account:
    """What was seen of the distributions of one name, by who asked; keys are files and lines."""

    modules: dict[Distribution, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_model: dict[object, Evidence] = field(default_factory=dict)
    by_input: dict[object, Evidence] = field(default_factory=dict)
    by_others: dict[object, Evidence] = field(default_factory=dict)

    def attributed(self, *, declared: bool) -> Attributed:
        kind: Kind = "declared" if declared else "optional"
        if self.by_model or self.by_input:
            kind = "direct" if self.by_model else "input"
        evidence = self.by_model or self.by_input or self.by_others
        modules = set[str]().union(*self.modules.values())
        return Attributed(self.distribution(), kind, tuple(evidence.values()), len(modules))

    def distribution(self) -> Distribution:
        """Return the one that most modules came from, should two of the name be on the path."""
        return min(self.modules, key=lambda each: (-len(self.modules[each]), each.info))


class _Ledger:
    """Enter imports one by one, then close the accounts; kinds do not depend on the order."""

    def __init__(
        self, installed: Installed, stdlib: Iterable[str], loaded: Iterable[Imported]
    ) -> None:
        self._installed = installed
        self._owners = _Owners(installed, stdlib)
        self._files = dict(sorted((each.name, each.file) for each in loaded if each.file))
        self._accounts: dict[str, _Account] = defaultdict(_Account)
        self._first_party: set[FirstParty] = set()

    def enter(self, record: Imported) -> None:
        """Enter one module and who asked for it."""
        if record.file is None:
            return
        owners = self._owners.of(record.file)
        if owners == () and record.name not in _SCRIPT:
            self._enter_own(record.name, record.file)
        if not owners:
            return
        askers = () if record.how in _BY_HAND else self._askers(record)
        for owner in owners:
            if owner.editable is not None:  # an import hook, which its installation put there
                continue
            account = self._accounts[owner.name]
            account.modules[owner].add(record.name)
            if askers is None:
                side = account.by_input if record.phase == "input" else account.by_model
                self._note(side, record)
            elif askers and owner not in askers:
                self._note(account.by_others, record)

    def enter_named(self, name: str) -> None:
        """Enter a module that the pickle names, or the nearest parent that is a file."""
        module, file = self._locate(name)
        owners = self._owners.of(file) if file else None
        if file and owners == ():
            self._enter_own(module, file)
        for owner in owners or ():
            account = self._accounts[owner.name]
            account.modules[owner].update({module} & self._files.keys())
            if len(account.by_model) < _FEW:
                account.by_model[name] = Evidence(name, None, None, None)

    def close(self) -> Attribution:
        """Give each account its kind."""
        roots = [
            account.distribution()
            for account in self._accounts.values()
            if account.by_model or account.by_input
        ]
        own = {each.project for each in self._first_party if each.project is not None}
        declared = _closure([*roots, *own], self._installed)
        return Attribution(
            tuple(
                account.attributed(declared=name in declared)
                for name, account in sorted(self._accounts.items())
            ),
            tuple(sorted(self._first_party, key=lambda each: (each.module, each.file))),
            tuple(self._projects(own, declared)),
        )

    def _projects(self, own: set[Distribution], declared: set[str]) -> Iterator[Project]:
        """Gather the editable installs: those that ran, and those that others need."""
        needed = {each for name in declared if (each := self._installed.get(name))}
        projects = own | {each for each in needed if each.editable is not None}
        if not projects:
            return
        theirs = [account.distribution() for account in self._accounts.values()]
        required = _closure(theirs, self._installed, through_projects=False)
        for project in sorted(projects, key=lambda each: each.name):
            modules = [each for each in self._first_party if each.project == project]
            modules.sort(key=lambda each: (each.module, each.file))
            found = Project.of(project, required=project.name in required)
            yield replace(found, modules=tuple(modules), ran=True) if modules else found

    def _enter_own(self, name: str, file: str) -> None:
        self._first_party.add(FirstParty(name, file, self._installed.project(file)))

    def _askers(self, record: Imported) -> Collection[Distribution] | None:
        """Return the owners of the code that asked; None: the model; empty: the stdlib."""
        if record.importer is None:
            return None
        file = record.importer_file
        if file is None or file.startswith("<"):  # code that was made by exec
            file = self._locate(record.importer)[1]
        if file is None:
            top = record.importer.partition(".")[0]
            return () if top in sys.stdlib_module_names else None
        owners = self._owners.of(file)
        return () if owners is None else owners or None

    def _note(self, side: dict[object, Evidence], record: Imported) -> None:
        place = (record.importer_file, record.line)
        if place not in side and len(side) < _FEW:
            file = record.importer_file and self._installed.relative(record.importer_file)
            side[place] = Evidence(record.name, record.importer, file, record.line)

    def _locate(self, name: str) -> tuple[str, str | None]:
        """Find the file of a module, or of its nearest parent that has one."""
        while name:
            file = self._files.get(name) or _find_module(name, self._installed.paths)
            if file is not None:
                return name, file
            name = name.rpartition(".")[0]
        return name, None


class _Owners:
    """Remember for each file whose it is."""

    def __init__(self, installed: Installed, stdlib: Iterable[str]) -> None:
        self._installed = installed
        self._known: dict[str, tuple[Distribution, ...] | None] = {}
        folders = {spelled for folder in stdlib for spelled in (folder, os.path.realpath(folder))}
        self._stdlib = tuple(sorted(folder.rstrip(os.sep) + os.sep for folder in folders))
        sites = ("site-packages", "dist-packages")
        self._sites = tuple(folder + site + os.sep for folder in self._stdlib for site in sites)

    def of(self, file: str) -> tuple[Distribution, ...] | None:
        """Return the owners of a file; empty: nobody's; None: the standard library's."""
        if file not in self._known:
            self._known[file] = self._find(file)
        return self._known[file]

    def _find(self, file: str) -> tuple[Distribution, ...] | None:
        if self._is_stdlib(file):
            return None
        owners = self._installed.owners(file)
        return None if not owners and self._is_stdlib(os.path.realpath(file)) else owners

    def _is_stdlib(self, file: str) -> bool:
        return file.startswith(self._stdlib) and not file.startswith(self._sites)


def _own_stdlib() -> tuple[str, ...]:
    """Return the folders of this interpreter's standard library."""
    return (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))


def _closure(
    roots: Iterable[Distribution], installed: Installed, *, through_projects: bool = True
) -> set[str]:
    """Return the names that the roots need by their metadata, with the extras that are asked for.

    What is not installed is passed over: to report it is the resolver's. What an editable install
    needs is left out without `through_projects`.
    """
    waiting = [(root.name, "") for root in roots]
    reached = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        distribution = installed.get(name)
        if distribution is None or not (through_projects or distribution.editable is None):
            continue
        for need in distribution.needs(installed.target, extra):
            found = {(canonicalize_name(need.name), wanted) for wanted in ("", *need.extras)}
            waiting += found - reached
            reached |= found
    return {name for name, _ in reached}


def _find_module(name: str, paths: Iterable[str]) -> str | None:
    """Find the file that a path would load a module from, without asking an import system."""
    parts = name.split(".")
    for path in paths:
        base = os.path.join(path, *parts)
        for file in (os.path.join(base, "__init__.py"), f"{base}.py", *_extensions(base)):
            if os.path.isfile(file):
                return file
    return None


def _extensions(base: str) -> Iterator[str]:
    folder, stem = os.path.split(base)
    if os.path.isdir(folder):
        for file in sorted(os.listdir(folder)):
            if file.startswith(f"{stem}.") and file.endswith((".so", ".pyd")):
                yield os.path.join(folder, file)
