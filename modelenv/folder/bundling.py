"""Distributions that exist only on this machine, and their transport as code or as wheels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from ..base.errors import WrongUseError
from ..base.siblings import envfiles, resolver
from ..base.text import few
from ..environments.spec import iter_wheels
from ..pins.change.requested import RequestedChange
from ..pins.package_sources import FIND_WHEELS, WHEELS, PlacesHere, leading_to_wheels
from ..pins.pin_set import PinSet
from .code.plan import plan_code
from .documents.bundle_policy import EDITED, BundlePolicy

# A file that only one index has is bundled up to this size: the index may disappear, or be private.
# Above it the folder would consist mostly of that one wheel.
_LARGEST_LABELLED = 100_000_000


def separate_projects(
    attribution: resolver.Attribution, *, carries_code: bool, named: Collection[str]
) -> tuple[resolver.Attribution, tuple[resolver.Project, ...]]:
    """Separate the editable installs that travel as code from those that travel as wheels.

    A wheel is made if no code is carried, if the user's lines name the install or another
    distribution requires it (an installer would look for it), or if an extension module of it was
    loaded. Return the attribution with the first kind alone, and the second kind.
    """
    wheels = tuple(
        project
        for project in attribution.projects
        if not carries_code
        or project.required
        or project.is_compiled
        or project.distribution.name in named
    )
    packed = {project.distribution for project in wheels}
    rest = replace(
        attribution,
        first_party=tuple(each for each in attribution.first_party if each.project not in packed),
        projects=tuple(each for each in attribution.projects if each not in wheels),
    )
    return rest, wheels


@dataclass(slots=True)
class Bundle:
    """The wheels beside a model, made when pins turn out to need them."""

    folder: Path
    """Their folder, made with the first wheel."""
    installed: resolver.Installed
    projects: Sequence[resolver.Project] = ()
    """Editable installs from which wheels are made."""
    places: PlacesHere = field(default_factory=PlacesHere)
    """The local places that no other machine can reach."""
    edits: resolver.Edits | None = None
    """Differences between the files that ran and the installed ones; None: not checked."""
    policy: BundlePolicy = field(default_factory=BundlePolicy)
    made: dict[str, resolver.Bundled] = field(default_factory=dict)
    """The wheels made, by the names of their distributions."""

    def complete(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Make the wheels that these pins need; return the pins with these as their source.

        Raises the resolver's NotBundledError if no wheel can be made of what exists only here.
        """
        taken = replace(resolution, pins=tuple(map(self._taken, resolution.pins)))
        for name, bundled in self.made.items():
            if bundled.version is not None:
                _check_admitted(name, bundled.version, resolution)
        return taken

    def check_names(self, resolution: resolver.Resolution) -> None:
        """Raise WrongUseError if a name to bundle is neither a pin nor installed."""
        pins = {pin.name for pin in resolution.pins}
        for name in sorted(self.policy.names - pins):
            if self.installed.get(name) is None:
                raise WrongUseError(
                    f"bundle: {name} is no distribution of the model, nor installed"
                )

    def check_unedited(self, resolution: resolver.Resolution) -> None:
        """Raise the resolver's EditedError for pins with edited files that do not travel."""
        pins = (pin for pin in resolution.pins if not self._carries_edits(pin))
        edits = tuple(str(edit) for pin in pins for edit in self._edits(pin))
        if edits:
            raise resolver.EditedError(edits)

    def prune(self, resolution: resolver.Resolution) -> None:
        """Remove the wheels that no pin needs."""
        names = {pin.name for pin in resolution.pins}
        for name in self.made.keys() - names:
            self.made.pop(name).file.unlink()
        if not self.made and self.folder.is_dir():
            self.folder.rmdir()

    def edit_notes(self, resolution: resolver.Resolution) -> Iterator[str]:
        """Yield a sentence for each pin with edited files that do not travel."""
        for pin in resolution.pins:
            if (edits := self._edits(pin)) and not self._carries_edits(pin):
                yield f"{_edited(edits)}; {self._what_becomes_of(pin)}"

    def notes(self, resolution: resolver.Resolution, *, checked: bool) -> Iterator[str]:
        """Yield notes on bundled wheels, and on pins that only an unknown index provides.

        `checked`: the requirements have hashes, so no other file can be taken for a bundled one.
        """
        answers = "" if checked else "; an index that has that name and version could answer for it"
        for name, each in sorted(self.made.items()):
            what = "the wheel itself" if each.original else "made of what is here"
            if each.edits:  # a local version, which no public index accepts (PEP 440)
                yield f"{name} travels as {WHEELS}/{each.file.name}; {_edited(each.edits)}"
            else:
                yield f"{name} travels as {WHEELS}/{each.file.name} ({what}){answers}"
        for name in sorted(self.policy.names - {pin.name for pin in resolution.pins}):
            yield f"bundle: {name} is not among the pins"
        yield from self.edit_notes(resolution)
        for pin in resolution.pins:
            found = self._here(pin)
            if found is not None and found.provenance == "label" and pin.name not in self.made:
                yield (
                    f"{pin.name} {pin.version} has a local label and is on no public index: whoever"
                    " installs it needs the index that has it (an --extra-index-url line)"
                )

    def _taken(self, pin: resolver.Pin) -> resolver.Pin:
        if pin.name not in self.made:
            bundled = self._bundled(pin)
            if bundled is None:
                return pin
            self.made[pin.name] = bundled
        version = self.made[pin.name].version or pin.version
        return replace(pin, version=version, url=None, source="wheels")

    def _bundled(self, pin: resolver.Pin) -> resolver.Bundled | None:
        found = self._here(pin)
        local = found is not None and found.provenance in {"local", "editable"}
        asked = pin.name in self.policy.names or self._carries_edits(pin)
        if found is None or not (local or asked or self._is_labelled(found)):
            wheel = self._file_here(pin)
            if wheel is None:
                return None
            self.folder.mkdir(exist_ok=True)
            return resolver.bundle_wheel(wheel, pin.name, self.folder)
        self.folder.mkdir(exist_ok=True)
        return resolver.bundle_installed(
            found,
            self.folder,
            self.installed.target,
            code=self._code(found),
            edits=self._edits(pin) if self.policy.edited else (),
        )

    def _edits(self, pin: resolver.Pin) -> tuple[resolver.EditedFile, ...]:
        return self.edits.of(pin.name) if self.edits is not None else ()

    def _carries_edits(self, pin: resolver.Pin) -> bool:
        """Return whether a pin was edited, and travels with its edits under a local version."""
        return self.policy.edited and self._here(pin) is not None and bool(self._edits(pin))

    def _what_becomes_of(self, pin: resolver.Pin) -> str:
        """Return a phrase on edits that do not travel under a local version."""
        made = self.made.get(pin.name)
        if made is not None and not made.original:
            return "its wheel holds what its list of files names, as it is"
        remedy = f'reinstall it and save again, or let it travel as it is with bundle="{EDITED}"'
        if self.policy.edited:
            remedy = f"{pin.name} {pin.version} is not what is installed here"
        return f"whoever installs {pin.name} {pin.version} gets it without that: {remedy}"

    def _here(self, pin: resolver.Pin) -> resolver.Distribution | None:
        """Return the installed distribution of a pin; None if it comes from elsewhere."""
        found = self.installed.get(pin.name)
        if pin.source != "installed" or found is None or found.version != pin.version:
            return None
        return found

    def _code(self, found: resolver.Distribution) -> dict[str, Path] | None:
        """Return the files of an editable install by import path; None if it is not editable."""
        if found.provenance != "editable":
            return None
        known = (each for each in self.projects if each.distribution == found)
        project = next(known, None) or resolver.Project.of(found)
        return plan_code(project.modules, (), ()).files

    def _is_labelled(self, found: resolver.Distribution) -> bool:
        return found.provenance == "label" and bool(found.files) and found.size <= _LARGEST_LABELLED

    def _file_here(self, pin: resolver.Pin) -> str | None:
        """Return the file URL of a pin that was taken from this machine; None otherwise."""
        if pin.url is not None:
            return pin.url if pin.url.startswith("file:") else None
        if pin.artifacts and pin.source == "built":
            return pin.artifacts[0].url
        return self.places.file_of(pin)


def _edited(edits: Sequence[resolver.EditedFile]) -> str:
    """Return a phrase that lists the edited files."""
    groups = {
        "edited": few([str(edit) for edit in edits if not edit.added]),
        "added": few([str(edit) for edit in edits if edit.added]),
    }
    return "; ".join(f"{how} since it was installed: {s}" for how, s in groups.items() if s)


def _check_admitted(name: str, version: Version, resolution: resolver.Resolution) -> None:
    """Raise NotBundledError if a pin requires a version of `name` other than this local one."""
    for edge in resolution.edges:
        asked = Requirement(edge.asked).specifier
        if edge.name == name and edge.parent and not asked.contains(version, prereleases=True):
            raise resolver.NotBundledError(
                f"{name} {version}",
                f"{edge}, which does not admit that version",
                f"reinstall {name}",
            )


class EditedWheels:
    """The wheels of a folder that is being edited, in the copy that will replace it."""

    def __init__(
        self,
        pins: PinSet,
        change: RequestedChange,
        here: resolver.Installed,
        wheels: Path,
        *,
        ours: bool,
    ) -> None:
        self._ours = ours
        self._asked = change.by_name.keys()
        self._wheels = wheels
        self._places = PlacesHere.of(change.lines)
        self._bundle = Bundle(wheels, pins.installed(here), places=self._places)

    def complete(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Make the wheels of what exists only on this machine; return the pins with these sources.

        In a folder of another tool only requested names are bundled, and files found in local
        places that were named; none of its wheels is removed. Raises the resolver's NotBundledError
        if no wheel can be made.
        """
        pins = []
        for pin in resolution.pins:
            if pin.name in self._asked and pin.url is not None:
                self._remove(pin.name)  # a requested wheel may have the name of an existing one
            if self._stands(pin):
                pins.append(replace(pin, url=None, source="wheels"))
            elif self._ours or pin.name in self._asked or self._places.file_of(pin):
                pins += self._bundle.complete(replace(resolution, pins=(pin,))).pins
            else:
                pins.append(pin)
        return replace(resolution, pins=tuple(pins))

    def prune(self, spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
        """Remove the wheels to which no line of an environment is pinned.

        Return it with the line that locates the others, if any.
        """
        if self._ours:
            return prune_wheels(self._wheels, spec)
        return leading_to_wheels(spec) if self._bundle.made else spec

    def _stands(self, pin: resolver.Pin) -> bool:
        local = pin.url is None or pin.url.startswith("file:")
        return local and any(
            (name, version) == (pin.name, pin.version)
            for name, version, _ in iter_wheels(self._wheels)
        )

    def _remove(self, name: str) -> None:
        for each, _, file in iter_wheels(self._wheels):
            if each == name:
                file.unlink()


def drop_wheels_of_another_python(wheels: Path, spec: envfiles.EnvSpec) -> None:
    """Remove the wheels in a folder that the interpreter of an environment cannot load.

    A line for another platform keeps its wheel.
    """
    from packaging.utils import parse_wheel_filename

    pins = PinSet(spec)
    loadable = set(pins.target().wheel_tags())
    here = {entry.name for entry in pins.applicable()}
    for name, _, file in iter_wheels(wheels):
        if name in here and loadable.isdisjoint(map(str, parse_wheel_filename(file.name)[3])):
            file.unlink()


def prune_wheels(wheels: Path, spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
    """Remove the wheels in a folder to which no line of an environment is pinned.

    A line for another platform keeps its wheel. Return the environment with the line that locates
    the remaining wheels, and without it if there are none.
    """
    pinned = {(entry.name, Version(entry.version)) for entry in spec.requirements if entry.version}
    left = False
    for name, version, file in iter_wheels(wheels):
        if (name, version) in pinned:
            left = True
        else:
            file.unlink()
    if wheels.is_dir() and not any(wheels.iterdir()):
        wheels.rmdir()
    if left:
        return leading_to_wheels(spec)
    return replace(spec, options=tuple(each for each in spec.options if each != FIND_WHEELS))
