"""The construction of an attribution from imports, one module at a time."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from ..installed.editable import is_hook
from .closure import asking_extra, closure
from .modules import Owners, find_module
from .startup import at_startup
from .touches import FILES, KINDS, evidence_of
from .values import Attributed, Attribution, Evidence, FirstParty, Project, Unlisted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ..installed.claims import Owned
    from ..installed.environment import Distribution, Installed
    from .values import Accessed, Imported, Kind, TraceRecord

_FEW = 3
# Names without an import path: the script that was started.
_SCRIPT = frozenset({"__main__", "__mp_main__"})
# Modules put into `sys.modules`, or taken out of it, without an import.
_BY_HAND = frozenset({"appeared", "removed"})


@dataclass(slots=True)
class _Observed:
    """The evidence for one distribution, by what asked for it; keys are (file, line)."""

    modules: dict[Distribution, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_model: dict[object, Evidence] = field(default_factory=dict)
    by_input: dict[object, Evidence] = field(default_factory=dict)
    by_others: dict[object, Evidence] = field(default_factory=dict)
    by_touch: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    askers: set[Distribution] = field(default_factory=set)
    called: Evidence | None = None

    def attributed(self, installed: Installed, *, declared: bool) -> Attributed:
        kind: Kind = "declared" if declared else "optional"
        if self.by_model or self.by_input:
            kind = "direct" if self.by_model else "input"
        evidence = [*(self.by_model or self.by_input or self.by_others).values(), *self.touches()]
        modules = set[str]().union(*self.modules.values())
        found = self.distribution()
        extra = asking_extra(found.name, self.askers, installed) if kind == "optional" else None
        return Attributed(found, kind, tuple(evidence), len(modules), extra, self.called)

    def touches(self) -> Iterator[Evidence]:
        """Yield the first few of each kind that count as evidence.

        A touch without a known asker tells nothing about a distribution that was imported anyway:
        libraries load other files of their own.
        """
        imported = any(self.modules.values())
        for kind in KINDS:
            found = (each for each in self.by_touch.values() if each.kind == kind)
            known = (each for each in found if each.importer or each.file or not imported)
            yield from islice(known, _FEW)

    def distribution(self) -> Distribution:
        """Return the distribution that most modules came from, if the path has two of the name."""
        return min(self.modules, key=lambda each: (-len(self.modules[each]), each.info))


class AttributionBuilder:
    """Gather imports one by one, and build their attribution; their order does not matter."""

    def __init__(
        self, installed: Installed, stdlib: Iterable[str], loaded: Iterable[Imported]
    ) -> None:
        self._installed = installed
        self._owners = Owners(installed, stdlib)
        self._files = dict(sorted((each.name, each.file) for each in loaded if each.file))
        self._observed: dict[str, _Observed] = defaultdict(_Observed)
        self._first_party: set[FirstParty] = set()
        self._unlisted: dict[str, Unlisted] = {}
        self._looked_up: set[Distribution] = set()
        sites = {path for site in installed.sites for path in (site, os.path.realpath(site))}
        self._sites = tuple(f"{site}{os.sep}" for site in sorted(sites))

    def add(self, record: Imported) -> None:
        """Add one module and the code that asked for it."""
        if record.file is None:
            return
        owned = self._owners.whose(record.file, record.name)
        if owned is None:
            return
        if record.how == "called":
            self._add_call(record, owned.owners)
            return
        if not owned.listed:
            self._add_unlisted(record.name, record.file, owned)
        askers = () if record.how in _BY_HAND else self._askers(record)
        for owner in owned.owners:
            if _has_hook(owner):
                self._add_installed_part(record, owner)
                continue
            observed = self._observed[owner.name]
            observed.modules[owner].add(record.name)
            if askers is None:
                side = observed.by_input if record.phase == "input" else observed.by_model
                self._note(observed.by_others if self._stands_in(record) else side, record)
            elif askers and owner not in askers:
                observed.askers.update(askers)
                self._note(observed.by_others, record)

    def add_touched(self, touch: Accessed) -> None:
        """Add a file, library, program or metadata lookup, and the code that asked for it.

        Two things are no evidence: a distribution's use of its own files, and a file without owner.
        A lookup of an editable install concerns its metadata, which travels with its code.
        """
        if touch.kind == "metadata":
            found = self._installed.get(touch.name)
            owners: tuple[Distribution, ...] = () if found is None else (found,)
        elif touch.kind in FILES:
            owners = self._owners.of(touch.name) or ()
        else:
            return
        askers = self._askers(touch) or ()
        for owner in owners:
            if owner in askers:
                continue
            if owner.editable is None:
                self._add_evidence(owner, touch, askers)
            elif touch.kind == "metadata":
                self._looked_up.add(owner)
        if owners and touch.kind != "metadata" and "__pycache__" not in touch.name:
            relative = self._installed.relative(touch.name)
            self._note_unlisted(relative, touch.name, self._owners.whose(touch.name))

    def add_named(self, name: str, *, by_input: bool = False) -> None:
        """Add a module that the pickle or the input names, or the nearest parent with a file."""
        module, file = self._locate(name)
        owners = self._owners.of(file, module) if file else None
        if file and owners == ():
            self._add_first_party(module, file)
        if file and owners:
            self._note_unlisted(module, file, self._owners.whose(file, module))
        for owner in owners or ():
            observed = self._observed[owner.name]
            observed.modules[owner].update({module} & self._files.keys())
            side = observed.by_input if by_input else observed.by_model
            if len(side) < _FEW:
                side[name] = Evidence(name, None, None, None)

    def build(self) -> Attribution:
        """Return the distributions that were observed, each with its kind."""
        roots = [
            observed.distribution()
            for observed in self._observed.values()
            if observed.by_model or observed.by_input
        ]
        own = {each.project for each in self._first_party if each.project is not None}
        declared = closure([*roots, *own], self._installed)
        started = self._started(declared | self._observed.keys())
        return Attribution(
            tuple(
                observed.attributed(self._installed, declared=name in declared)
                for name, observed in sorted(self._observed.items())
            ),
            tuple(sorted(self._first_party, key=lambda each: (each.module, each.file))),
            tuple(self._projects(own, declared)),
            tuple(sorted(started, key=lambda each: each.distribution.name)),
            tuple(self._without_parts()),
        )

    def _started(self, seen: Collection[str]) -> Iterator[Attributed]:
        """Add distributions that were seen only by code that runs at startup."""
        found: dict[Distribution, list[Evidence]] = defaultdict(list)
        for distribution, evidence in at_startup(self._installed, seen):
            found[distribution].append(evidence)
        for distribution, evidences in found.items():
            yield Attributed(distribution, "optional", tuple(evidences), 0)

    def _without_parts(self) -> Iterator[Unlisted]:
        """Return the unlisted files, without those below an unlisted package."""
        names = {each.name for each in self._unlisted.values()}
        for unlisted in sorted(self._unlisted.values(), key=lambda each: (each.name, each.file)):
            above = (unlisted.name[:end] for end, c in enumerate(unlisted.name) if c == ".")
            if names.isdisjoint(above):
                yield unlisted

    def _projects(self, own: set[Distribution], declared: set[str]) -> Iterator[Project]:
        """Return the editable installs: those that ran, and those that others need."""
        unseen = declared - self._observed.keys()
        needed = {each for name in unseen if (each := self._installed.get(name))}
        projects = own | self._looked_up | {each for each in needed if each.editable is not None}
        if not projects:
            return
        theirs = [observed.distribution() for observed in self._observed.values()]
        required = closure(theirs, self._installed, through_projects=False)
        for project in sorted(projects, key=lambda each: each.name):
            modules = [each for each in self._first_party if each.project == project]
            modules.sort(key=lambda each: (each.module, each.file))
            found = Project.of(project, required=project.name in required)
            yield replace(found, modules=tuple(modules), ran=True) if modules else found

    def _add_evidence(
        self, owner: Distribution, touch: Accessed, askers: Collection[Distribution]
    ) -> None:
        observed = self._observed[owner.name]
        _ = observed.modules[owner]
        observed.askers.update(askers)
        key = touch.kind, touch.name
        known = observed.by_touch.get(key)
        if known is None or (known.of_input and touch.phase != "input"):
            observed.by_touch[key] = evidence_of(touch, owner, self._installed)

    def _add_unlisted(self, name: str, file: str, owned: Owned) -> None:
        if owned.owners:
            self._note_unlisted(name, file, owned)
        elif name not in _SCRIPT:
            self._add_first_party(name, file)

    def _add_call(self, record: Imported, owners: Collection[Distribution]) -> None:
        """Note the caller of a distribution's code; the import of it says why it is there."""
        askers = self._askers(record) or ()
        for owner in owners if not self._stands_in(record) else ():
            if owner not in askers and not _has_hook(owner):
                observed = self._observed[owner.name]
                observed.modules[owner].add(record.name)
                observed.askers.update(askers)
                observed.called = observed.called or self._evidence(record)

    def _stands_in(self, record: Imported) -> bool:
        """Return whether a module replaces a standard one, as setuptools' `distutils` does."""
        top = record.name.partition(".")[0]
        return top in sys.stdlib_module_names and self._owners.has_standard(top)

    def _evidence(self, record: Imported) -> Evidence:
        file = record.importer_file and self._installed.relative(record.importer_file)
        of_input = record.phase == "input"
        return Evidence(record.name, record.importer, file, record.line, of_input=of_input)

    def _add_first_party(self, name: str, file: str) -> None:
        project = self._installed.project(file, name)
        self._first_party.add(FirstParty(name, file, project))
        if project is None:
            self._note_unlisted(name, file, self._owners.whose(file, name))

    def _add_installed_part(self, record: Imported, project: Distribution) -> None:
        """Add a module of an editable install that was built, as scikit-build-core does.

        The package's own files stay in the project; what was compiled or generated stands in
        ``site-packages``, beside the import hook, which is no code of the project.
        """
        if record.file is not None and not is_hook(record.file, project):
            self._first_party.add(FirstParty(record.name, record.file, project))

    def _note_unlisted(self, name: str, file: str, owned: Owned | None) -> None:
        """Note a file below a folder of distributions that no RECORD lists.

        A distribution without any list cannot lack a file in it.
        """
        if owned is None or owned.listed or not file.startswith(self._sites):
            return
        owner = next((each for each in owned.owners if each.record), None)
        if owner or not owned.owners:
            self._unlisted[file] = Unlisted(name, file, owner, owned.suspects, owned.package)

    def _askers(self, record: TraceRecord) -> Collection[Distribution] | None:
        """Return the owners of the asking code; None: the model; empty: the standard library."""
        if record.importer is None:
            return None
        file = record.importer_file
        if file is None or file.startswith("<"):  # code that was made by exec
            file = self._locate(record.importer)[1]
        if file is None:
            top = record.importer.partition(".")[0]
            return () if top in sys.stdlib_module_names else None
        owners = self._owners.of(file, record.importer)
        return () if owners is None else owners or None

    def _note(self, side: dict[object, Evidence], record: Imported) -> None:
        place = (record.importer_file, record.line)
        if place not in side and len(side) < _FEW:
            side[place] = self._evidence(record)

    def _locate(self, name: str) -> tuple[str, str | None]:
        """Find the file of a module, or of its nearest parent that has one."""
        while name:
            file = self._files.get(name) or find_module(name, self._installed.paths)
            if file is not None:
                return name, file
            name = name.rpartition(".")[0]
        return name, None


def _has_hook(owner: Distribution) -> bool:
    """Return whether the owner is an editable install whose own code stands elsewhere."""
    return owner.has_path_file and owner.editable is not None
