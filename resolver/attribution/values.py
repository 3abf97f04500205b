"""Values of an attribution: the distributions that ran, their kind, and the evidence for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from ..installed.editable import top_modules

if TYPE_CHECKING:
    from ..installed.environment import Distribution

Kind = Literal["direct", "input", "declared", "optional"]

EvidenceKind = Literal["module", "file", "library", "program", "metadata", "startup"]
"""The kind of use that was seen of a distribution.

`file`, `library` and `program` are files that RECORD gives to it, read, mapped and started;
`metadata`: it was looked up by its name, or an entry point of it was loaded; `startup`: the
interpreter runs code of it when it begins (``.pth``).
"""


_FEW = 3


class TraceRecord(Protocol):
    """One record of a trace: something imported or used, and the code that asked for it."""

    @property
    def name(self) -> str:
        """A module's full dotted name; the absolute path of a file, or a distribution's name."""

    @property
    def importer(self) -> str | None:
        """The module that asked for it; None: the model itself, or unknown."""

    @property
    def importer_file(self) -> str | None:
        """The file of the code that asked."""

    @property
    def line(self) -> int | None:
        """The line that asked."""

    @property
    def phase(self) -> str:
        """The part of the run: "input" while the example was loaded."""


class Imported(TraceRecord, Protocol):
    """One module of a trace, as `tracer.ImportRecord` has it."""

    @property
    def file(self) -> str | None:
        """The file that it was loaded from; None: built in, frozen, or a namespace package."""

    @property
    def loaded(self) -> bool:
        """Whether the module was in ``sys.modules`` afterwards."""

    @property
    def how(self) -> str:
        """The way it was seen; "appeared" means that no import of it was seen."""


class Accessed(TraceRecord, Protocol):
    """One file, library, program or metadata lookup of a trace, as `tracer.Touch` has it."""

    @property
    def kind(self) -> str:
        """One of `EvidenceKind`; other kinds are passed over."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One use of a distribution, with the place in the code that imported or opened it."""

    name: str
    """The module; the file's name, relative to its path entry; the distribution's name."""
    importer: str | None
    """The module that asked; None: the model itself."""
    file: str | None
    """Its file, relative to its path entry: "sklearn/utils/fixes.py"."""
    line: int | None
    kind: EvidenceKind = "module"
    of_input: bool = False
    """Whether it was seen while the example was loaded, and at no other time."""

    def __str__(self) -> str:
        """Return the place of the import; for other kinds, the thing used and the place.

        >>> str(Evidence("kiln_runtime/libkilnscale.so", "kiln", "kiln/__init__.py", 7, "library"))
        'libkilnscale.so, loaded by kiln/__init__.py:7'
        """
        use = _USES.get(self.kind)
        return use.format(self.name.rpartition("/")[2], self.place) if use else self.place

    @property
    def place(self) -> str:
        """The file and the line that asked; if these are unknown, the module, or the model."""
        if self.file is None:
            return self.importer or "the model"
        return f"{self.file}:{self.line}" if self.line else self.file


_USES = {
    "file": "{}, read by {}",
    "library": "{}, loaded by {}",
    "program": "{}, started by {}",
    "metadata": "its metadata, looked up by {1}",
    "startup": "{}, which Python runs when it begins",
}


@dataclass(frozen=True, slots=True)
class Attributed:
    """A distribution that ran, and why."""

    distribution: Distribution
    kind: Kind
    evidence: tuple[Evidence, ...]
    """The first few import edges that show the kind, then the first few of each other kind."""
    modules: int
    """The number of its modules that were loaded."""
    extra: str | None = None
    """The extra that would have asked for an optional one: "pandas[excel]"."""
    called: Evidence | None = None
    """The first call into its code during prediction, outside any import; None: none was seen."""

    @property
    def acts(self) -> bool:
        """Whether it was called and has compiled code, so that the numbers may depend on it.

        An equal result without it on one example then says little about other inputs.
        """
        compiled = (file.endswith((".so", ".pyd")) for file in self.distribution.files)
        return self.called is not None and any(compiled)


@dataclass(frozen=True, slots=True)
class FirstParty:
    """A module that no distribution's files hold: code that is being written."""

    module: str
    file: str
    project: Distribution | None = None
    """The editable install that the code belongs to; None: the model's own."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A used file below a folder of distributions that no RECORD lists."""

    name: str
    """The module, or the file's name relative to its path entry."""
    file: str
    owner: Distribution | None = None
    """The distribution it is taken to belong to, by metadata or folder; None: treated as own code.
    """
    suspects: tuple[Distribution, ...] = ()
    """The distributions it may belong to, if that is undecided."""
    package: str = ""
    """The system package that brought it, if no metadata did: "Debian's python3-gi"."""

    def __str__(self) -> str:
        if self.owner is not None:
            return f"taken for {self.owner.label}'s, whose list of files lacks it"
        if self.package:
            return f"{self.package} has it, and no distribution"
        suspects = " or ".join(f"{each.label} {each.version}" for each in self.suspects[:_FEW])
        more = " or another" if len(self.suspects) > _FEW else ""
        perhaps = f"; perhaps {suspects}{more} does" if suspects else ""
        return f"no distribution lists it{perhaps}"


@dataclass(frozen=True, slots=True)
class Project:
    """An editable install that ran, or that others need: first-party code with metadata."""

    distribution: Distribution
    modules: tuple[FirstParty, ...]
    """Modules that ran; if none did, its top-level ones as far as its metadata tells."""
    required: bool = False
    """Whether a distribution that is no editable install requires it by its metadata."""
    ran: bool = False
    """Whether any of its modules ran."""

    @classmethod
    def of(cls, distribution: Distribution, *, required: bool = False) -> Project:
        """Return a project that has no module that ran."""
        modules = (FirstParty(*each, distribution) for each in top_modules(distribution))
        return cls(distribution, tuple(modules), required)

    @property
    def is_compiled(self) -> bool:
        """Whether an extension module of it ran, which only one platform can load."""
        return any(each.file.endswith((".so", ".pyd")) for each in self.modules)


@dataclass(frozen=True, slots=True)
class Attribution:
    """The distributions that the modules of a trace belong to."""

    distributions: tuple[Attributed, ...]
    """Distributions that ran, by name."""
    first_party: tuple[FirstParty, ...]
    """Modules that belong to no distribution, by name; with the code of editable installs."""
    projects: tuple[Project, ...] = ()
    """The editable installs among them, by name."""
    startup: tuple[Attributed, ...] = ()
    """Distributions whose code runs at startup and that were not seen otherwise."""
    unlisted: tuple[Unlisted, ...] = ()
    """Used files of ``site-packages`` that no RECORD lists, by name."""

    def __repr__(self) -> str:
        """Return the number of distributions, in brackets."""
        return f"<Attribution to {len(self.distributions)} distributions>"

    def of_kind(self, *kinds: Kind) -> tuple[Attributed, ...]:
        """Return the distributions of these kinds."""
        return tuple(each for each in self.distributions if each.kind in kinds)
