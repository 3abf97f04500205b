"""The context of a diagnosis: the folder, what is installed here, perhaps the index."""

from __future__ import annotations

import pickletools
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base.siblings import resolver, tracer
from ..environments.spec import minor
from ..folder.documents.code_by_value import holds_code
from ..folder.documents.names import CODE
from ..folder.model_folder import ModelFolder
from .diagnosis import Diagnosis, SuggestedEdit
from .owners.files import FileKind, file_owners
from .owners.modules import Owner, installed_owners, owner_of
from .owners.names import owners_named
from .owners.said import Describe, Described, Optionals, not_described, offered_by
from .reading.chain import Raised
from .reading.failure import Failure

Has = Callable[[str], bool | None]
"""Whether the index has a distribution of that name; None: it was not asked."""

# Libraries that write their version into pickles, by the key before it.
_VERSION_KEYS = MappingProxyType({"_sklearn_version": "scikit-learn"})


def not_asked(_: str) -> bool | None:
    """Return None: the index was not asked."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The facts that a diagnosis is based on; all of them may be missing."""

    folder: Path | None = None
    python: str = ""
    """The Python in the folder's environment files."""
    traced: str = ""
    """The Python that the model was traced with, and pickled for."""
    pins: Mapping[str, str] = field(default_factory=dict)
    """The version of each requirement of the folder; empty if no version is pinned."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Distributions left out when the model was saved, with the code that had asked for each."""
    removed: Mapping[str, str] = field(default_factory=dict)
    """Distributions pinned, with their versions, until an edit that nothing has proven since."""
    code: frozenset[str] = frozenset()
    """The top-level modules that travel with the model."""
    imports: tuple[Mapping[str, Any], ...] = ()
    """The records of the trace."""
    touches: tuple[Mapping[str, Any], ...] = ()
    """Other touches of the trace: files, libraries, programs, metadata."""
    named: tuple[str, ...] = ()
    """The globals that the model's pickle names."""
    pickled: Mapping[str, str] = field(default_factory=dict)
    """Versions of libraries that the pickle states."""
    installed: resolver.Installed | None = None
    has: Has = not_asked
    describe: Describe = not_described

    @classmethod
    def of_folder(
        cls, folder: ModelFolder, installed: resolver.Installed, has: Has = not_asked
    ) -> Knowledge:
        """Read the facts in a model folder."""
        model = folder.path / folder.mlmodel.data
        spec = folder.environment
        return cls(
            folder=folder.path,
            python=spec.python,
            traced=folder.pickled_with,
            pins=versions_of(entry.requirement for entry in spec.requirements),
            left_out=dict(folder.mlmodel.left_out),
            removed=dict(folder.mlmodel.removed),
            code=frozenset(file.name.partition(".")[0] for file in (folder.path / CODE).glob("*")),
            imports=folder.trace.imports,
            touches=folder.trace.touches,
            named=_named(model),
            pickled=versions_in(model),
            installed=installed,
            has=has,
        )

    def original_version(self, name: str) -> str:
        """Return the version that the model was made with, if the pin differs; else empty.

        The pickle states some; for other pins the installed version here is the best guess, if it
        is for the same Python.
        """
        pinned = self.pins.get(name, "")
        found = self.installed.get(name) if self._is_near and self.installed and pinned else None
        known = (self.pickled.get(name, ""), str(found.version) if found is not None else "")
        return next((version for version in known if version and version != pinned), "")

    @property
    def _is_near(self) -> bool:
        """Whether the installed distributions are for the Python of the folder."""
        here = self.installed.target.python_version if self.installed is not None else ""
        return not self.python or minor(self.python) == minor(here)

    def original_pin(self, name: str) -> str:
        """Return that version as a requirement line; empty if none is known."""
        version = self.original_version(name)
        return f"{name}=={version}" if version else ""

    def repinned(self) -> Iterator[tuple[str, str, str]]:
        """Yield the versions in the pickle of names that are pinned to others: name, version."""
        for name, made in self.pickled.items():
            used = self.pins.get(name, "")
            if used and used != made:
                yield name, made, used

    def pinned(self, name: str) -> str:
        """Return a distribution with the version that it is pinned to: ``numpy 2.0``."""
        return f"{name} {self.pins.get(name, '')}".strip()

    def owner_of(self, module: str) -> Owner:
        """Return the distribution of a module, by what is installed, pinned or well known."""
        return owner_of(module, self.installed, self.pins)

    def owners_named(self, name: str) -> tuple[Owner, ...]:
        """Return the distributions that a message may mean by a name, if something says so."""
        known = {*self.left_out, *self.removed}
        return owners_named(name, self.installed, self.pins, known, self.describe)

    @property
    def optionals(self) -> Optionals:
        """Optional distributions that are known from some source; read from metadata each time."""
        return Optionals(
            removed=self.removed,
            offered=offered_by(self.installed, self.pins, self.describe),
            left_out=self.left_out,
            probed={str(each["name"]) for each in self.imports if not each.get("loaded")},
        )

    def file_owners(self, kind: FileKind, name: str) -> tuple[resolver.Distribution, ...]:
        """Return the installed distributions that have a file, a library or a program."""
        return () if self.installed is None else file_owners(kind, name, self.installed)

    def is_familiar(self, name: str) -> bool:
        """Return whether a distribution is installed here, or pinned, left out or removed."""
        here = self.installed is not None and self.installed.get(name) is not None
        return here or any(name in known for known in (self.pins, self.left_out, self.removed))

    def has_extras(self, name: str, extras: str, *, sure: bool) -> bool:
        """Return whether a distribution has all given extras; if not installed here, `sure`."""
        here: Described | None = self.installed.get(name) if self.installed is not None else None
        here = here if here is not None else self.describe(name)
        asked = [canonicalize_name(each.strip()) for each in extras.split(",")]
        return here.extras.issuperset(asked) if here is not None else sure

    def requirement(self, name: str) -> str:
        """Return a distribution's requirement line: the version that an edit removed, if any."""
        version = self.removed.get(name, "")
        return f"{name}=={version}" if version else name

    def add_command(self, requirement: str) -> str:
        """Return the command that puts a requirement into the folder, or into this environment."""
        if self.folder is None:
            return f"pip install {shlex.quote(requirement)}"
        folder = shlex.quote(str(self.folder))
        return f"modelenv requirements add -m {folder} {shlex.quote(requirement)}"

    def asked_by(self, module: str) -> str:
        """Return the place that imported a module while the model was traced; empty: none did."""
        return next(filter(None, (place_of(r) for r in self.imports if r["name"] == module)), "")

    def is_installed(self, module: str) -> bool:
        """Return whether an installed distribution has the module."""
        return self.installed is not None and any(installed_owners(module, self.installed))

    def is_own_file(self, module: str) -> bool:
        """Return whether the trace saw a module in an existing file that no distribution owns."""
        if self.installed is None:
            return False
        files = (each.get("file") for each in self.imports if each["name"] == module)
        paths = [
            Path(root, file) for file in files for root in self.installed.paths if file is not None
        ]
        return any(path.exists() and not self.installed.owners(str(path)) for path in paths)

    def has_module(self, pin: str, module: str) -> bool:
        """Return whether a pinned version is installed here, and has a module by RECORD."""
        if self.installed is None or not pin:
            return False
        owners = installed_owners(module, self.installed)
        return any(pin == f"{each.name}=={each.version}" for each in owners)

    @property
    def compiled_for(self) -> str:
        """The Python whose bytecode the pickle holds, if the folder asks for another."""
        by_value = holds_code(self.named)
        here, there = (version.split(".")[:2] for version in (self.python, self.traced))
        return self.traced if by_value and self.python and self.traced and here != there else ""

    def was_loaded(self, module: str) -> bool:
        """Return whether the trace saw that module being loaded."""
        return any(record["name"] == module and record["loaded"] for record in self.imports)


@dataclass(frozen=True, slots=True)
class Case:
    """A failure with its context."""

    failure: Failure
    known: Knowledge

    def raiser(self, raised: Raised) -> str:
        """Return the name of the distribution whose code raised an exception; empty: unknown."""
        owner = self.known.owner_of(raised.frames[-1].module) if raised.frames else None
        return owner.name if owner is not None and owner.certain else ""

    def diagnosis(
        self,
        rule: str,
        problem: str,
        subject: str,
        evidence: Iterable[str] = (),
        *,
        edit: str = "",
        remedy: str = "",
        alternatives: tuple[str, ...] = (),
        certain: bool = True,
    ) -> Diagnosis:
        """Return the diagnosis of this failure.

        `edit` is a requirement line; without a `remedy` the remedy is the command that adds it.
        """
        return Diagnosis(
            rule=rule,
            problem=problem,
            subject=subject,
            stage=self.failure.stage,
            evidence=tuple(evidence),
            edit=SuggestedEdit(edit) if edit else None,
            remedy=remedy or (self.known.add_command(edit) if edit else ""),
            alternatives=alternatives,
            certain=certain,
        )


Check = Callable[[Case], Diagnosis | None]
"""A rule: returns None if the failure is not its concern."""


def versions_of(lines: Iterable[str]) -> dict[str, str]:
    """Return the version of each requirement, by its name; empty if none is pinned.

    >>> versions_of(["NumPy==2.4.6", "pandas<3"])
    {'numpy': '2.4.6', 'pandas': ''}
    """
    found: dict[str, str] = {}
    for requirement in map(Requirement, lines):
        pinned = (each.version for each in requirement.specifier if each.operator in ("==", "==="))
        found[canonicalize_name(requirement.name)] = next(pinned, "")
    return found


def place_of(seen: Mapping[str, Any]) -> str:
    """Return the place of a traced import: ``kiln/core.py:7``; empty: it is unknown."""
    file, line = seen.get("importer_file"), seen.get("line")
    return "" if file is None else f"{file}:{line}" if line else str(file)


def _named(model: Path) -> tuple[str, ...]:
    with suppress(tracer.TracerError, OSError):
        return tracer.scan_globals(model)
    return ()


def versions_in(model: Path) -> Mapping[str, str]:
    """Return the versions that libraries wrote into a pickle, without loading it."""
    try:
        about = model.stat()
    except OSError:
        return {}
    return _versions_then_in(model, about.st_ino, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=8)
def _versions_then_in(model: Path, *_state: int) -> Mapping[str, str]:
    """Return them for a file state: another may take its place while this process runs."""
    found: dict[str, str] = {}
    key = ""
    with suppress(OSError, ValueError), model.open("rb") as file:
        for _, argument, _ in pickletools.genops(file):
            if not isinstance(argument, str):
                continue
            if key and re.match(r"\d+(\.\d+)+", argument):
                found[_VERSION_KEYS[key]] = argument
            key = argument if argument in _VERSION_KEYS else ""
    return found
