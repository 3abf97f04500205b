"""The wheels that travel in a folder, through an edit: kept, added, and gone with their pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from .local import FIND_WHEELS, Bundle
from .reresolve import Asked
from .siblings import envfiles, resolver
from .stated import Stated


class Carried:
    """Hold the wheels of a folder that is being edited, in the copy that will replace it."""

    def __init__(self, stated: Stated, wheels: Path) -> None:
        self._stated = stated
        self._wheels = wheels
        self._bundle = Bundle(wheels, stated.installed())

    def complete(self, resolution: resolver.Resolution, asked: Asked) -> resolver.Resolution:
        """Make the wheels of what exists only on this machine; return the pins, taken from them.

        In a folder of another's only what was asked for is looked at, and no wheel of its is
        removed. Raises the resolver's NotBundledError where no wheel can be made.
        """
        told = {canonicalize_name(line.requirement.name) for line in asked.lines.requirements}
        pins = []
        for pin in resolution.pins:
            if pin.name in told and pin.url is not None:
                self._remove(pin.name)  # what is asked for may bear the name of what is there
            if self._stands(pin):
                pins.append(replace(pin, url=None, source="wheels"))
            elif self._stated.closed or pin.name in told:
                pins += self._bundle.complete(replace(resolution, pins=(pin,))).pins
            else:
                pins.append(pin)
        if self._stated.closed:
            self._prune({pin.name: pin.version for pin in pins})
        return replace(resolution, pins=tuple(pins))

    def options(self, spec: envfiles.EnvSpec) -> tuple[str, ...]:
        """Return the options of an environment with the line that leads to the wheels, if any."""
        needed = list(self._files()) if self._stated.closed else self._bundle.made
        if needed:  # where it stands already it stays
            return spec.options if FIND_WHEELS in spec.options else (FIND_WHEELS, *spec.options)
        if not self._stated.closed:
            return spec.options
        return tuple(each for each in spec.options if each != FIND_WHEELS)

    def _files(self) -> Iterator[tuple[str, Version, Path]]:
        for file in sorted(self._wheels.glob("*.whl")):
            with suppress(InvalidWheelFilename):
                name, version, _, _ = parse_wheel_filename(file.name)
                yield name, version, file

    def _stands(self, pin: resolver.Pin) -> bool:
        local = pin.url is None or pin.url.startswith("file:")
        return local and any(
            (name, version) == (pin.name, pin.version) for name, version, _ in self._files()
        )

    def _remove(self, name: str) -> None:
        for each, _, file in self._files():
            if each == name:
                file.unlink()

    def _prune(self, pins: Mapping[str, Version]) -> None:
        for name, version, file in self._files():
            if pins.get(name) != version:
                file.unlink()
        if self._wheels.is_dir() and not any(self._wheels.iterdir()):
            self._wheels.rmdir()
