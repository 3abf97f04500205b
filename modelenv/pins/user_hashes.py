"""The user's hashes of pinned files, checked against the available files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from ..base.errors import ModelenvError
from ..base.siblings import envfiles, resolver
from .package_sources import REQUIRE_HASHES, PackageSources
from .pin_set import PinnedVersion, applies, pinned_versions

_IN_FRAGMENT = re.compile(r"(sha256|sha384|sha512)=([0-9a-f]+)")
_MOST_NAMED = 6


@dataclass(eq=False)
class HashMismatchError(ModelenvError):
    """No file of a pin has a hash that the user's lines name."""

    pin: str
    lines: tuple[str, ...]
    """The lines with their locations."""
    expected: tuple[str, ...]
    found: tuple[str, ...]
    """The hashes of its files, each with the file's name and location."""

    def __str__(self) -> str:
        """Return the expected hashes and those found, as pip does."""
        return "\n".join(
            [
                f"no file of {self.pin} has a hash that these lines name:",
                *(f"  {line}" for line in self.lines),
                *(f"    expected {each}" for each in _few(self.expected)),
                *(f"    found    {each}" for each in _few(self.found)),
                "If the version was changed, change its hashes with it; else somebody may have"
                " changed the file.",
            ]
        )


@dataclass(eq=False)
class HashesMissingError(ModelenvError):
    """Pins without a hash, although one is required on every line."""

    asked: str
    """The line or option that requires them."""
    missing: tuple[str, ...]
    """The pins, each with the reason."""

    def __str__(self) -> str:
        """Return the pins without a hash, and a way out."""
        return "\n".join(
            [
                f"{self.asked} asks for a hash on every line, as pip does, and none is known of:",
                *(f"  {each}" for each in self.missing),
                "Give their hashes too, or an index that names them; or take the hashes away.",
            ]
        )


@dataclass(slots=True, kw_only=True)
class UserHashes:
    """The hashes of some lines, with the sources of the files to check against them."""

    lines: tuple[resolver.Line, ...] = ()
    """The lines with hashes."""
    asked: bool | None = None
    """Whether hashes are required on every line; None: if any line has them, as in pip."""
    sources: PackageSources
    target: resolver.Target
    index: Literal["auto", "never"] = "auto"
    standing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Hashes that requirements have already, which are not looked up again."""
    _known: dict[PinnedVersion, tuple[resolver.Artifact, ...]] = field(default_factory=dict)
    _unknown: dict[str, str] = field(default_factory=dict)
    """The reasons why no files are known, by name."""

    def checked(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Return the pins with checked hashes, completed if every line requires them.

        Hashes of the user's lines are kept; missing ones are taken from the available files. What
        could not be checked is noted. Raises HashMismatchError if no file has a given hash, and
        HashesMissingError if required hashes cannot be found.
        """
        if not any(pin.hashes for pin in resolution.pins) and not self.asked:
            return resolution
        resolution = self.held(resolution)
        if self.asked is not False:
            return self._completed(resolution)
        hashed = [pin.name for pin in resolution.pins if pin.hashes]
        if len(hashed) == len(resolution.pins):
            return resolution
        note = f"no hash of {', '.join(hashed)} is written: pip refuses a file that lacks others"
        pins = (replace(pin, hashes=()) for pin in resolution.pins)
        return replace(resolution, pins=tuple(pins), notes=(*resolution.notes, note))

    def held(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Return the pins, those with hashes restricted to the files that have one of them.

        What could not be checked is noted. Raises HashMismatchError.
        """
        self._find(pin for pin in resolution.pins if pin.hashes)
        answers = [self._held(pin) if pin.hashes else (pin, "") for pin in resolution.pins]
        return replace(
            resolution,
            pins=tuple(pin for pin, _ in answers),
            notes=(*resolution.notes, *(note for _, note in answers if note)),
        )

    def _completed(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Return the pins, all with hashes. Raises HashesMissingError."""
        standing = {
            pin.name: self.standing.get(str(pin.requirement), ()) for pin in resolution.pins
        }
        lacking = [each for each in resolution.pins if not (each.hashes or standing[each.name])]
        self._find(lacking)
        found = {each.name: self._hashed(each) for each in lacking}
        missing = [
            f"{each.requirement}: {self._reason(each)}"
            for each in lacking
            if not found[each.name].hashes
        ]
        if missing:
            raise HashesMissingError(self._asking, tuple(missing))
        pins = (
            found.get(pin.name) or replace(pin, hashes=pin.hashes or standing[pin.name])
            for pin in resolution.pins
        )
        return replace(resolution, pins=tuple(pins))

    @property
    def _asking(self) -> str:
        return REQUIRE_HASHES if self.asked or not self.lines else str(self.lines[0].origin)

    def _find(self, pins: Iterable[resolver.Pin]) -> None:
        """Look up the files of pins that neither the resolver nor a URL has named."""
        wanted = [
            PinnedVersion(pin.name, pin.version) for pin in pins if not (pin.url or _strong(pin))
        ]
        wanted = [each for each in wanted if each not in self._known]
        if not wanted:
            return
        try:
            found = self.sources.find(
                wanted,
                self.target,
                () if self.index == "never" else None,
                every=True,
                tolerant=True,
            )
        except resolver.ResolverError as error:  # there is no pip to ask where files are
            found = resolver.Artifacts({}, {each.name: str(error) for each in wanted})
        self._known |= {each: found.files.get(each.name, ()) for each in wanted}
        told = found.lacking.items()
        self._unknown |= {pin.partition(" ")[0]: reason for pin, reason in told}

    def _files(self, pin: resolver.Pin) -> tuple[resolver.Artifact, ...]:
        """Return the files of a pin whose hashes are known, the best first."""
        if pin.url:
            parts = urlsplit(pin.url)
            hashes = tuple(
                f"{kind}:{value}" for kind, value in _IN_FRAGMENT.findall(parts.fragment)
            )
            file = parts.path.rpartition("/")[2]
            return (resolver.Artifact(file, pin.url, hashes),) if hashes else ()
        return _strong(pin) or self._known.get(PinnedVersion(pin.name, pin.version), ())

    def _held(self, pin: resolver.Pin) -> tuple[resolver.Pin, str]:
        """Return a pin with the files that its hashes admit, and a note if they are unchecked."""
        files = self._files(pin)
        if _is_repository(pin):
            raise HashesMissingError(self._asking, (f"{pin.requirement}: {self._reason(pin)}",))
        verdicts = [
            (file, resolver.bears_one_of(file.url, file.hashes, pin.hashes)) for file in files
        ]
        sure = tuple(file for file, bears in verdicts if bears)
        if sure:
            return _with_files(pin, sure), ""
        if files and all(bears is False for _, bears in verdicts):
            raise HashMismatchError(
                str(pin.requirement),
                tuple(str(line.origin) for line in self._lines_on(pin.name)),
                pin.hashes,
                tuple(_describe(file, travels=pin.source == "wheels") for file in files),
            )
        kinds = ", ".join(sorted({each.partition(":")[0] for each in pin.hashes}))
        reason = f"no {kinds} of its files is known" if files else self._reason(pin)
        note = f"{pin.requirement}: its hashes stand as they are, and were not checked: {reason}"
        return replace(pin, artifacts=()), note

    def _hashed(self, pin: resolver.Pin) -> resolver.Pin:
        """Return a pin with the hashes of its wheels, or of its source if it has no wheels."""
        files = self._files(pin)
        best = tuple(each for each in files if each.file.endswith(".whl")) or files
        hashes = sorted({hash_ for file in best for hash_ in file.hashes})
        return replace(_with_files(pin, best), hashes=tuple(hashes))

    def _lines_on(self, name: str) -> Iterator[resolver.Line]:
        return (line for line in self.lines if canonicalize_name(line.requirement.name) == name)

    def _reason(self, pin: resolver.Pin) -> str:
        if _is_repository(pin):
            return "a repository has no hash that an installer checks"
        if pin.url:
            return "its URL says none: add #sha256=... to it"
        if self.index == "never" and pin.name in self._unknown:
            return "no index was asked"
        return self._unknown.get(pin.name, "no file of it is at hand")


def hashes_complete(
    spec: envfiles.EnvSpec, sources: PackageSources, target: resolver.Target
) -> envfiles.EnvSpec:
    """Return an environment that requires hashes with one on every line, looking up missing ones.

    Lines that `target` does not install may have none. Raises HashesMissingError.
    """
    lacking = [each for each in spec.requirements if not each.hashes and applies(each, target)]
    if REQUIRE_HASHES not in spec.options or not lacking:
        return spec
    pins = tuple(resolver.Pin(each.name, each.version) for each in pinned_versions(lacking))
    unpinned = {entry.name for entry in lacking}.difference(pin.name for pin in pins)
    if unpinned:
        reason = "its files cannot be known for this version"
        raise HashesMissingError(REQUIRE_HASHES, tuple(f"{n}: {reason}" for n in sorted(unpinned)))
    check = UserHashes(asked=True, sources=sources, target=target)
    found = {pin.name: pin.hashes for pin in check.checked(resolver.Resolution(pins)).pins}
    return replace(
        spec,
        requirements=tuple(
            replace(entry, hashes=found[entry.name]) if entry in lacking else entry
            for entry in spec.requirements
        ),
    )


def check_whole(resolution: resolver.Resolution, entries: Iterable[envfiles.Entry]) -> None:
    """Raise HashesMissingError if a line has no hashes, or a pin has no line."""
    lines = {entry.name: entry for entry in entries}
    missing = [
        f"{entry.requirement}: it does not name the version {pin.version}"
        if (pin := resolution.get(name)) is not None
        else f"{entry.requirement}: nothing was resolved for it"
        for name, entry in lines.items()
        if not entry.hashes
    ]
    missing += [
        f"{pin.requirement}: it is required, and has no line of its own"
        for pin in resolution.pins
        if pin.name not in lines
    ]
    if missing:
        raise HashesMissingError("A hash on one line", tuple(missing))


def _is_repository(pin: resolver.Pin) -> bool:
    return "+" in (pin.url or "").partition(":")[0]


def _strong(pin: resolver.Pin) -> tuple[resolver.Artifact, ...]:
    """Return the files from which the resolver chose a pin, with the hashes that pip accepts."""
    return tuple(each for each in pin.artifacts if each.hashes)


def _with_files(pin: resolver.Pin, files: tuple[resolver.Artifact, ...]) -> resolver.Pin:
    """Return a pin with its files; the path of a wheel that travels is kept as its location."""
    return pin if pin.url or pin.source == "wheels" else replace(pin, artifacts=files)


def _describe(file: resolver.Artifact, *, travels: bool) -> str:
    """Return the hashes of a file, its name, and its location."""
    folder = file.url.rpartition("/")[0]
    where = "the wheel that travels" if travels else folder if file.is_local else "the index"
    return f"{', '.join(file.hashes)} for {file.file} ({where})"


def _few(lines: tuple[str, ...]) -> list[str]:
    more = len(lines) - _MOST_NAMED
    return [*lines[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])]
