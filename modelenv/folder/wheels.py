"""The wheels that travel in a folder, through an edit: kept, added, and gone with their pins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from packaging.version import Version

from ..base.siblings import envfiles, resolver
from ..environments.spec import iter_wheels
from ..pins.package_sources import FIND_WHEELS, folders_here
from ..pins.reresolve import Asked
from .bundling import Bundle
from .model_folder import Stated


class Carried:
    """Hold the wheels of a folder that is being edited, in the copy that will replace it."""

    def __init__(self, stated: Stated, asked: Asked, wheels: Path) -> None:
        self._stated = stated
        self._asked = asked
        self._wheels = wheels
        folders = folders_here(asked.lines)
        self._bundle = Bundle(wheels, stated.installed(), folders=folders)

    def complete(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Make the wheels of what exists only on this machine; return the pins, taken from them.

        In a folder of another's only what was asked for is looked at, and no wheel of its is
        removed. Raises the resolver's NotBundledError where no wheel can be made.
        """
        told = self._asked.told
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
        return replace(resolution, pins=tuple(pins))

    def settle(self, spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
        """Remove the wheels that no line of an environment is pinned to.

        Return it with the line that leads to the others, if any.
        """
        if self._stated.closed:
            return prune(self._wheels, spec)
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


def prune(wheels: Path, spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
    """Remove the wheels in a folder that no line of an environment is pinned to.

    A line for another platform keeps its wheel. Return the environment with the line that leads to
    what is left, and without it where nothing is.
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


def leading_to_wheels(spec: envfiles.EnvSpec) -> envfiles.EnvSpec:
    """Return an environment with the line that leads to its wheels; where it stands it stays."""
    if FIND_WHEELS in spec.options:
        return spec
    return replace(spec, options=(FIND_WHEELS, *spec.options))
