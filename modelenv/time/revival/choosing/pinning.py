"""From the statements of an old model to available pins, as of its day.

Only wheels are taken, unless the user allows builds: an old source distribution needs compilers and
build tools of its time. A pin without a wheel becomes the nearest newer version that has one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ....base.addresses.local_places import is_gone, local_path
from ....base.siblings import resolver
from ....environments.spec import minor
from ....pins.package_sources import PackageSources
from ..reading.hints import Hint
from ..reading.paths import built_by_conda, is_of_conda, version_in_path
from ..values import AppliedRule

_ELSEWHERE = "it is a path of another machine"
_ONLY_WHEELS = "--only-binary :all:"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPins:
    """The pins that an old list leads to for one Python, and the changes that were needed."""

    resolution: resolver.Resolution
    rules: tuple[AppliedRule, ...] = ()

    @property
    def is_as_stated(self) -> bool:
        """Whether every line is met as stated."""
        return not any(rule.change for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldList:
    """The lines of an old model, and the sources for them, as of its day."""

    lines: tuple[str, ...]
    sources: PackageSources
    constraints: tuple[str, ...] = ()
    conda: tuple[Requirement, ...] = ()
    """Requirements that conda was to install, and pip installs now."""
    hints: Mapping[str, Hint] = field(default_factory=dict)
    """The versions that made the model, if something records them."""
    build: bool = False
    """Whether a version without a wheel may be built, though another version has one."""

    def pinned(self, target: resolver.Target) -> OldPins:
        """Return the pins for a target. Raises the resolver's errors if there are none."""
        return _Search(self, target).pinned()


@dataclass(slots=True)
class _Search:
    """The search of pins for one target."""

    old: OldList
    target: resolver.Target
    built: frozenset[str] = frozenset()
    """Names that never had a wheel: they are built, as any installer does."""
    sources: tuple[resolver.Source, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = self._sources()

    def _sources(self) -> tuple[resolver.Source, ...]:
        """Return the sources: the wheels that travel, and indexes, for wheels alone."""
        own, told = self.old.sources.wheel_folder(self.target), self.old.sources
        if not self.old.build:
            lines = [_ONLY_WHEELS, *(f"--no-binary {name}" for name in sorted(self.built))]
            told = told.with_options_of(told.read(lines, layer="options"))
        return (*own, *told.configured(self.target))

    def pinned(self) -> OldPins:
        found = self._pinned()
        return replace(found, rules=(*found.rules, *self._built_rules(found.resolution)))

    def _pinned(self) -> OldPins:
        stated, rules = self._with_conda()
        stated, elsewhere = self._without_paths(stated)
        rules += elsewhere
        meant = self._meant(stated)
        try:
            found = self._resolved(stated, [line for line, _ in meant.values()])
        except resolver.ConflictError:
            return self._changed(stated, rules)
        told = [rule for name, (_, rule) in meant.items() if found.get(name) is not None]
        return OldPins(resolution=found, rules=(*rules, *told))

    def _changed(self, stated: Sequence[str], rules: Sequence[AppliedRule]) -> OldPins:
        """Return the pins of lines that cannot be met as they stand, or not with what is meant."""
        try:
            return OldPins(resolution=self._resolved(stated), rules=tuple(rules))
        except resolver.ConflictError as error:
            first = error
        lines, changed = self._obtainable(stated)
        rules = [*rules, *changed]
        try:
            return OldPins(resolution=self._resolved(lines), rules=tuple(rules))
        except resolver.ConflictError as error:
            if not changed:
                first = error
        return self._as_listed(lines, rules, first)

    def _as_listed(
        self, lines: Sequence[str], rules: Sequence[AppliedRule], error: resolver.ConflictError
    ) -> OldPins:
        """Return the pins of a contradictory list as stated: it was installed and ran like this.

        Each of its pins counts, whatever another distribution requires of its name.
        """
        pins = [line for line in lines if _version_of(Requirement(line)) is not None]
        try:
            found = self._resolved(lines, overrides=pins)
        except resolver.ConflictError:
            raise error from None
        said = "; ".join(error.sentences)[:400]
        rule = AppliedRule(
            "list", f"its pins contradict each other and are kept as they stand: {said}"
        )
        return OldPins(resolution=found, rules=(*rules, rule))

    def _resolved(
        self,
        lines: Sequence[str],
        meant: Sequence[str] = (),
        overrides: Sequence[str] | None = None,
    ) -> resolver.Resolution:
        """Resolve lines, and build names without wheels. Raises the resolver's errors."""
        while True:
            try:
                return self._of_wheels(lines, meant, overrides)
            except resolver.ConflictError as error:
                sources = frozenset(filter(self._is_source_alone, error.names)) - self.built
                if not sources:
                    raise
                self.built |= sources
                self.sources = self._sources()

    def _is_source_alone(self, name: str) -> bool:
        """Return whether indexes have a name, and no wheel of any version of it."""
        return not self._known(name) and bool(self._everywhere(name))

    def _of_wheels(
        self, lines: Sequence[str], meant: Sequence[str], overrides: Sequence[str] | None
    ) -> resolver.Resolution:
        """Resolve lines as if nothing was installed. Raises the resolver's errors."""
        read, old = self.old.sources.read, self.old
        merged = resolver.merge(
            (),
            pip_requirements=read(list(lines), layer="requirements.txt"),
            constraints=read([*old.constraints, *meant], layer="constraints", constraint=True),
            overrides=None if overrides is None else read(list(overrides), layer="override"),
            target=self.target,
        )
        building = replace(old.sources.indexes, build=old.build or bool(self.built))
        return replace(old.sources, indexes=building).resolve(
            merged, resolver.Installed((), self.target), sources=self.sources, tolerant=False
        )

    def _built_rules(self, found: resolver.Resolution) -> Iterator[AppliedRule]:
        for name in sorted(self.built):
            pin = found.get(name)
            if pin is not None:
                what = f"{name} {pin.version} is built from its source distribution"
                yield AppliedRule("wheel", f"{what}: no version of it has a wheel")

    def _with_conda(self) -> tuple[list[str], list[AppliedRule]]:
        """Return the lines with those of conda's dependencies."""
        lines, rules = list(self.old.lines), []
        for each in self.old.conda:
            if self._known(each.name):
                lines.append(str(each))
                rules.append(AppliedRule("conda", "conda was to install it, pip does", str(each)))
            else:
                reason = "it is no distribution, and nothing is installed in its place"
                rules.append(AppliedRule("conda", reason, f"without {each}"))
        return lines, rules

    def _without_paths(self, lines: Iterable[str]) -> tuple[list[str], list[AppliedRule]]:
        """Return the lines with paths of other machines replaced."""
        found, rules = [], []
        for line in lines:
            asked = Requirement(line)
            if asked.url is None or not is_gone(asked.url):
                found.append(line)
                continue
            meant, reason = self._meant_by_path(asked.name, asked.url)
            if meant is None:
                rules.append(AppliedRule("list", f"{_ELSEWHERE}, {reason}", f"without {line}"))
                continue
            changed = Requirement(line)
            changed.url, changed.specifier = None, meant
            found.append(str(changed))
            rules.append(AppliedRule("list", f"{_ELSEWHERE}, {reason}", f"{line} -> {changed}"))
        return found, rules

    def _meant_by_path(self, name: str, url: str) -> tuple[SpecifierSet | None, str]:
        """Return the versions that a path of another machine means, and why.

        None: its content is unknown. A private project may have the name of a public distribution,
        and is never looked up by it.
        """
        version = version_in_path(url, name)
        if version is not None:
            return SpecifierSet(f"=={version}"), "whose name says the version"
        if not is_of_conda(url):
            return None, "and its release is unknown: add it with a version"
        built = built_by_conda(url)
        newest = None if built is None else self._newest(name, built)
        if built is None or newest is None:
            return SpecifierSet(), "where conda built it"
        said = f"where conda built it on {built:%Y-%m-%d}: no newer one is meant"
        return SpecifierSet(f"<={newest}"), said

    def _newest(self, name: str, moment: datetime) -> Version | None:
        """Return the newest stable version that an index had at a moment."""
        told = self.old.sources
        then = replace(told, indexes=replace(told.indexes, as_of=moment))
        sources = then.configured(self.target)
        normal = canonicalize_name(name)
        known = (each.version for source in sources for each in source.candidates(normal))
        return max((each for each in known if not each.is_prerelease), default=None)

    def _meant(self, lines: Iterable[str]) -> dict[str, tuple[str, AppliedRule]]:
        """Return the hinted versions if lines leave them open, each with its rule."""
        pinned = {
            canonicalize_name(each.name) for each in map(Requirement, lines) if _is_exact(each)
        }
        return {
            name: (
                f"{name}=={hint.version}",
                AppliedRule("version", f"no line pins {name}, and {hint.said_by}"),
            )
            for name, hint in self.old.hints.items()
            if name not in pinned
        }

    def _obtainable(self, lines: Iterable[str]) -> tuple[list[str], list[AppliedRule]]:
        """Return lines with files for all pins, and the rules for the changed ones."""
        found, rules = [], []
        for line in lines:
            asked = Requirement(line)
            version = _version_of(asked) if self.target.admits(asked.marker) else None
            nearest = None if version is None else self._nearest(asked.name, version)
            if version is None or nearest is None or nearest == version:
                found.append(line)
                continue
            changed = Requirement(line)
            changed.specifier = SpecifierSet(f"=={nearest}")
            found.append(str(changed))
            change = f"{asked.name} {version} -> {nearest}"
            rules.append(AppliedRule("wheel", self._why_not(asked.name, version), change))
        return found, rules

    def _known(self, name: str) -> dict[Version, bool]:
        """Return the versions of a name, and whether each has a file for this Python."""
        python = self.target.python_version
        found: dict[Version, bool] = {}
        for source in self.sources:
            for each in source.candidates(canonicalize_name(name)):
                fits = each.requires_python.contains(python, prereleases=True)
                usable = fits and not (each.unusable or each.yanked)
                found[each.version] = found.get(each.version, False) or usable
        return found

    def _nearest(self, name: str, version: Version) -> Version | None:
        """Return the nearest version with a file; None: there is no newer one.

        A builder's own suffix (``58.0.4.post20210920``) or label (``1.9+cu111``) is dropped first.
        """
        usable = sorted(each for each, fits in self._known(name).items() if fits)
        if version in usable:
            return version
        plain = Version(version.base_version)
        if (version.post is not None or version.local is not None) and plain in usable:
            return plain
        newer = [each for each in usable if each > version]
        stable = [each for each in newer if not each.is_prerelease]
        return next(iter(stable or newer), None)

    def _why_not(self, name: str, version: Version) -> str:
        if version in self._known(name) or version in self._everywhere(name):
            return f"no wheel of it is for Python {minor(self.target.python_version)} here"
        return "no index has that version"

    def _everywhere(self, name: str) -> set[Version]:
        """Return the versions in any form: source distributions too."""
        sources, normal = self.old.sources.configured(self.target), canonicalize_name(name)
        return {each.version for source in sources for each in source.candidates(normal)}


def take_built(resolution: resolver.Resolution, wheels: Path) -> None:
    """Copy the built wheels of some pins into a folder of wheels, so that they travel."""
    for pin in resolution.pins:
        for file in pin.artifacts[:1] if pin.source == "built" else ():
            wheels.mkdir(exist_ok=True)
            shutil.copyfile(local_path(file.url), wheels / file.file)


def _version_of(asked: Requirement) -> Version | None:
    """Return the one version that a line pins; None if it pins none."""
    specifiers = [*asked.specifier]
    if asked.url is not None or len(specifiers) != 1 or specifiers[0].operator not in ("==", "==="):
        return None
    try:
        return Version(specifiers[0].version)
    except InvalidVersion:  # `==1.*`
        return None


def _is_exact(asked: Requirement) -> bool:
    return asked.url is not None or any(each.operator in ("==", "===") for each in asked.specifier)


def with_line(old: OldList, line: str) -> OldList:
    """Return a list with one more line, in place of those of the same name."""
    name = canonicalize_name(Requirement(line).name)
    others = (each for each in old.lines if canonicalize_name(Requirement(each).name) != name)
    return replace(old, lines=(*others, line))
