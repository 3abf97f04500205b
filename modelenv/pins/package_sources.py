"""The sources of pinned files: one answer for all commands to which indexes and wheels are used.

The wheels that travel in a folder come first, and their names are searched nowhere else; then the
folder's option lines, which override pip's configuration.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ..base.addresses.known_hosts import check_variables
from ..base.addresses.local_places import is_gone, is_local, local_path
from ..base.addresses.masks import Mask, conceal
from ..base.arguments import Requirements
from ..base.indexes import AS_CONFIGURED, UNDATED, Indexes, ModelDates
from ..base.siblings import envfiles, resolver
from ..environments.builders.wheels import wheel_builder
from ..environments.spec import Report, bundled_wheels, silent
from .lines import read_lines, read_options
from .pin_set import PinnedVersion

WHEELS = "wheels"
"""The folder of the wheels that travel with a model, below the model's folder."""
FIND_WHEELS = f"--find-links {WHEELS}"
"""The requirements line that locates them, relative to the requirements file."""
REQUIRE_HASHES = "--require-hashes"
"""The requirements line that demands a hash on every other line."""
NO_INDEX = "--no-index"

_CHOSE = "it chose among versions, and every pin names its own"
_UNWRITTEN = {
    "--all-releases": _CHOSE,
    "--only-final": _CHOSE,
    "--pre": _CHOSE,
    "--no-require-hashes": "neither uv nor an older pip reads it",
    NO_INDEX: "it held here; not every pin is found where the files say without one",
    "--prefer-binary": "it has no effect: the newest version is taken, its wheel if it has one",
    "--use-feature": "it is for the pip that runs",
}

_INDEXES = frozenset({"--index-url", "--extra-index-url", "--find-links"})
_TRAVELLING = _INDEXES | {"--trusted-host", "--no-binary", "--only-binary"}
# Options that installers need to find pins; hashes, for example, are required elsewhere.
_OF_INSTALLERS = _TRAVELLING | {NO_INDEX, "--pre"}


@dataclass(frozen=True, slots=True)
class PackageSources:
    """The sources of a folder's pins, with the context for reading its lines."""

    wheels: Path
    """The folder of wheels that travel; it need not exist."""
    options: resolver.Lines = field(default_factory=resolver.Lines)
    """The folder's option lines, and nothing else."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables that lines may name."""
    stated: tuple[str, ...] = ()
    """The folder's own lines that name variables; these are sent to unknown hosts only if
    allowed.
    """
    indexes: Indexes = AS_CONFIGURED
    """The indexes of one call; their locations are included in the options."""
    report: Report = silent
    """Called with the progress of slow steps."""
    dates: ModelDates = UNDATED
    """When the model in the folder was made, and as of when its pins were resolved."""

    @classmethod
    def of(
        cls, folder: Path, spec: envfiles.EnvSpec, environment: Mapping[str, str]
    ) -> PackageSources:
        """Return the sources that a folder's files state."""
        said = [option for option in spec.options if option != FIND_WHEELS]
        lines = read_lines(
            from_anywhere(said, folder), layer="requirements.txt", environment=environment
        )
        return cls(folder / WHEELS, lines, environment, naming_variables(spec))

    @property
    def settings(self) -> resolver.IndexSettings:
        """Return the settings of index requests, with `report` called while waiting."""
        return self.indexes.telling(None if self.report is silent else self.report)

    def hosts(self, indexes: Indexes) -> tuple[str, ...]:
        """Return the hosts of the folder's own lines, and of the indexes of one call."""
        if indexes.no_index:
            return ()
        replaced = {"--index-url"} if indexes.index_url else set()
        said = (each for each in self.options.options if each.name in _INDEXES - replaced)
        addresses = (urlsplit(each.written) for each in said)
        hosts = (each.netloc.rpartition("@")[2] for each in addresses if each.scheme != "file")
        return tuple(dict.fromkeys(filter(None, hosts)))

    def with_options_of(self, lines: resolver.Lines) -> PackageSources:
        """Return them with the options of the user's lines, which override all others."""
        options = self.options | resolver.Lines(options=lines.options)
        return replace(self, options=options, indexes=self.indexes.knowing(as_texts(lines)))

    def undated(self) -> PackageSources:
        """Return them without the moment as of which the folder's packages were resolved."""
        return replace(self, dates=self.dates.forgotten())

    def with_indexes(self, indexes: Indexes, report: Report = silent) -> PackageSources:
        """Return them with the indexes of one call, which override others. Raises UndatedError."""
        told = self.with_options_of(read_options(indexes, self.environment))
        own = indexes.knowing(self.indexes.own).of_model(self.dates)
        return replace(told, indexes=own, report=report)

    def admitted(self) -> PackageSources:
        """Return them if no variable would be sent to a host that the user does not know.

        Raises UnknownHostError.
        """
        check_variables(self.stated, self.indexes.permit, self.environment, sys.executable)
        return self

    def read(
        self, lines: Requirements | resolver.Lines, *, layer: str, constraint: bool = False
    ) -> resolver.Lines:
        """Read lines, expanding the variables that they name. Raises InvalidFile."""
        return read_lines(lines, layer=layer, environment=self.environment, constraint=constraint)

    def wheel_folder(self, target: resolver.Target) -> tuple[resolver.WheelFolder, ...]:
        """Return the wheels that travel, as the first source."""
        return (resolver.WheelFolder(self.wheels, target),) if self.wheels.is_dir() else ()

    def configured(self, target: resolver.Target) -> tuple[resolver.Source, ...]:
        """Return the sources besides the wheels that travel; pip is asked if necessary.

        Raises UnknownHostError.
        """
        said = self.admitted().options.options
        with self.concealing():
            return resolver.configured_sources(target, options=said, settings=self.settings)

    def resolve(
        self,
        merged: resolver.RequirementSet,
        installed: resolver.Installed,
        *,
        sources: Sequence[Any] | None = None,
        index: Literal["auto", "never"] = "auto",
        tolerant: bool = True,
        preferences: Iterable[PinnedVersion] = (),
    ) -> resolver.Resolution:
        """Resolve with the wheels that travel and `sources`; None: the configured ones.

        Only the options of this value apply. `preferences` are chosen if possible. Raises the
        resolver's errors, UnknownHostError.
        """
        asked = replace(merged, options=self.admitted().options.options)
        with self.concealing():
            return resolver.resolve(
                asked,
                installed,
                sources=(*self.wheel_folder(installed.target), *(sources or ())),
                index=index if sources is None else "never",
                tolerant=tolerant,
                preferences=preferences,
                settings=self.settings,
                build=wheel_builder(self.indexes, installed.target, self.environment, self.report),
            )

    def split(
        self, pins: Iterable[PinnedVersion]
    ) -> tuple[list[PinnedVersion], list[PinnedVersion]]:
        """Return the pins whose wheels travel, and the others."""
        own = bundled_wheels(self.wheels)
        here: list[PinnedVersion] = []
        elsewhere: list[PinnedVersion] = []
        for pin in pins:
            (here if (pin.name, pin.version) in own else elsewhere).append(pin)
        return here, elsewhere

    def find(
        self,
        pins: Iterable[PinnedVersion],
        target: resolver.Target,
        sources: Sequence[Any] | None = None,
        *,
        every: bool = False,
        tolerant: bool = False,
    ) -> resolver.Artifacts:
        """Find the files of pins; a bundled name is looked up nowhere else, as indexes are public.

        With `every` source distributions are included. Addresses keep the names of variables in the
        options. Raises UnknownHostError, and the resolver's errors if an index is unreachable,
        unless `tolerant`.
        """
        here, others = self.split(pins)
        found = resolver.find_artifacts(here, target, sources=self.wheel_folder(target))
        with self.concealing():
            rest = resolver.find_artifacts(
                others,
                target,
                sources=sources,
                options=self.admitted().options.options,
                every=every,
                tolerant=tolerant,
                settings=self.settings,
            )
        known = self.variables
        elsewhere = {
            name: tuple(replace(file, url=known.hide(file.url)) for file in files)
            for name, files in rest.files.items()
        }
        return resolver.Artifacts(
            {**found.files, **elsewhere},
            {**found.lacking, **rest.lacking},
            (*found.notes, *map(known.hide, rest.notes)),
            rest.later,
            tuple(replace(each, page=known.hide(each.page)) for each in rest.standings),
        )

    @property
    def variables(self) -> envfiles.Variables:
        """Return the variables that the options and the folder's lines name."""
        written = (each.written for each in self.options.options)
        texts = (*written, *self.stated, *self.indexes.own)
        return envfiles.Variables.of(texts, self.environment)

    @contextmanager
    def concealing(self) -> Iterator[None]:
        """Hide what variables stand for in the errors of a block."""
        try:
            yield
        except (resolver.ResolverError, OSError) as error:
            values = (each.value for each in self.options.options)
            secrets = frozenset().union(*map(envfiles.secrets_in, values))
            known = Mask(dict.fromkeys(secrets, "****"))
            conceal(error, lambda text: known(self.variables.hide(text)))
            raise


PIP_CONFIGURATION = PackageSources(Path(os.devnull) / WHEELS)
"""The sources that pip is configured with, without a folder."""


def naming_variables(spec: envfiles.EnvSpec) -> tuple[str, ...]:
    """Return the lines of a folder that name variables."""
    requirements = (entry.requirement for entry in spec.requirements)
    lines = (*spec.options, *requirements, *spec.constraints, *spec.unnamed)
    return tuple(line for line in lines if "${" in line)


def as_texts(lines: resolver.Lines) -> Iterator[str]:
    """Yield the user's lines as they were written."""
    yield from (f"{each.name} {each.written}" for each in lines.options)
    for each in (*lines.requirements, *lines.constraints):
        yield each.written or str(each.requirement)


def leading_to_wheels(spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
    """Return an environment with the line that locates its wheels, added if missing."""
    known = FIND_WHEELS in spec.options
    return spec if known else replace(spec, options=(FIND_WHEELS, *spec.options))


def from_anywhere(options: Iterable[str], folder: Path) -> Iterator[str]:
    """Yield a folder's option lines, with its own folders of files as URLs."""
    for option in options:
        flag, _, value = option.partition(" ")
        beside = flag == "--find-links" and (folder / value).is_dir()
        yield f"{flag} {(folder / value).as_uri()}" if beside else option


def for_installers(options: Iterable[str], folder: Path) -> Iterator[str]:
    """Yield those of a folder's option lines that locate and select files, likewise."""
    for option in from_anywhere(options, folder):
        name, _, value = option.partition(" ")
        if name in _OF_INSTALLERS and not (name == "--find-links" and is_gone(value)):
            yield option


def of_one_run(lines: resolver.Lines) -> Iterator[str]:
    """Yield the options among the user's lines that one build on this machine needs.

    Names of variables are kept unexpanded.
    """
    for each in lines.options:
        if each.name == "--find-links" and Path(each.value).is_dir():
            yield f"{each.name} {Path(each.value).absolute().as_uri()}"
        elif each.name == "--find-links" and is_gone(each.value):
            continue  # nothing of it was used
        elif each.name in _OF_INSTALLERS | _TRAVELLING and bool(each.value) == bool(each.written):
            yield f"{each.name} {each.written}".strip()


def travelling(lines: resolver.Lines) -> Iterator[str]:
    """Yield the options among the user's lines that are written to the files.

    They are kept as written: a variable may be secret. Local paths are skipped.
    """
    for each in lines.options:
        if each.written and each.name in _TRAVELLING and not _is_local(each.name, each.value):
            yield f"{each.name} {each.written}"


def iter_untold(lines: resolver.Lines, *, no_index: bool = False) -> Iterator[str]:
    """Yield a sentence for each option that is not written; `no_index`: for all but that one."""
    for each in dict.fromkeys(lines.options):
        option = f"{each.name} {each.written}".strip()
        if each.name in _UNWRITTEN and not (no_index and each.name == NO_INDEX):
            yield f"{option} is not written: {_UNWRITTEN[each.name]}"
        elif each.name in _TRAVELLING and not each.written:
            yield f"{each.name} is not written: a variable holds more than its value"
        elif _is_local(each.name, each.value):
            yield f"{option} is not written: it is on this machine, and what is taken there travels"


@dataclass(frozen=True, slots=True)
class PlacesHere:
    """The local places that the user's lines name, to which no written file can refer.

    Files found in them have to travel.
    """

    folders: tuple[str, ...] = ()
    """URLs of folders of wheels."""
    indexes: bool = False
    """Whether an index or a page of links is among them, with files anywhere on this machine."""

    @classmethod
    def of(cls, lines: resolver.Lines) -> PlacesHere:
        """Return the local places among the options of lines."""
        here = [each for each in lines.options if _is_local(each.name, each.value)]
        links = [local_path(each.value) for each in here if each.name == "--find-links"]
        folders = tuple(folder.absolute().as_uri() for folder in links if folder.is_dir())
        return cls(folders, indexes=len(folders) < len(here))

    def file_of(self, pin: resolver.Pin) -> str | None:
        """Return the URL of the file that was found for a pin in one of them; None: in none."""
        best = next(iter(pin.artifacts), None)
        if best is None or not best.is_local:
            return None
        indexed = self.indexes and pin.source == "index"
        return best.url if indexed or best.url.rpartition("/")[0] in self.folders else None


def _is_local(name: str, value: str) -> bool:
    return name in _INDEXES and is_local(value)
