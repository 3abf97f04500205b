"""A model to export: its folder, its pins, and the place for the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..base.siblings import envfiles, resolver
from ..base.text import few
from ..environments.interpreter import Python
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..pins.package_sources import PackageSources
from ..pins.pin_set import PinnedVersion
from .pinning.otherwise import Otherwise
from .pinning.pinned import Pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A model, with everything that a format may need from it."""

    folder: ModelFolder
    pinned: Pinned
    sources: PackageSources
    output: Path
    """The file to write, or the folder of several; absolute."""
    base: Path
    """The folder in which the files are written: the parent of `output`, or `output` itself."""
    interpreter: Python
    """The interpreter in whose environment distributions are looked up."""
    installed: resolver.Installed
    """The distributions in which licences and the contents of wheels are looked up."""
    report: Report = field(default=silent)

    @property
    def name(self) -> str:
        """The name of the model: its folder's name, normalised like a distribution's."""
        letters = (each if each.isascii() and each.isalnum() else "-" for each in self._label)
        return "-".join(filter(None, "".join(letters).lower().split("-"))) or "model"

    @property
    def _label(self) -> str:
        return self.folder.path.resolve().name

    @property
    def python(self) -> str:
        """The version of Python that it is for, as ``3.11.7``."""
        return self.pinned.target.python_version

    @property
    def minor(self) -> str:
        """The minor version of that Python: ``3.11``."""
        return ".".join(self.python.split(".")[:2])

    @property
    def model(self) -> str:
        """The path of the model folder relative to the files, with ``/``.

        On another Windows drive it is absolute.
        """
        there, here = self.folder.path.resolve(), self.base.resolve()
        try:
            return Path(os.path.relpath(there, here)).as_posix()
        except ValueError:
            return there.as_posix()

    @property
    def is_below(self) -> bool:
        """Whether the model folder is below the folder in which the files are written."""
        here = self.base.resolve()
        return here in self.folder.path.resolve().parents

    @property
    def bundled(self) -> dict[str, Path]:
        """The wheels that travel with the model, by the names of their pins."""
        versions = [each for each in map(_version_of, self.pinned.entries) if each is not None]
        here, _ = self.sources.split(versions)
        shelf = self.sources.wheel_folder(self.pinned.target)
        found = resolver.find_artifacts(here, self.pinned.target, sources=shelf).files
        return {name: self.folder.wheels / files[0].file for name, files in found.items() if files}

    @property
    def otherwise(self) -> Otherwise:
        """The disagreements between the metadata of the pins and the pins."""
        return Otherwise.of(self.pinned, self.installed)

    @property
    def system_packages(self) -> tuple[str, ...]:
        """The Debian packages that the prediction used and no pinned distribution contains."""
        use = self.folder.mlmodel.system
        names = {each.name for each in self.pinned.entries}
        used = use.packages if use is not None else ()
        return tuple(
            dict.fromkeys(
                each.package for each in used if each.package and each.distribution not in names
            )
        )

    def iter_unsaid(
        self,
        *,
        hashes: bool = False,
        python: bool = False,
        system: bool = False,
        variables: bool = False,
    ) -> Iterator[str]:
        """Yield a sentence for each of the model's properties that a format cannot represent."""
        if hashes and any(each.hashes for each in self.pinned.entries):
            yield "the hashes of the pinned files: what is installed is not checked against them"
        if python:
            yield f"Python {self.python}: the interpreter that runs it has to be that version"
        if system and self.system_packages:
            yield f"packages of the system that the prediction used: {few(self.system_packages)}"
        if variables and self.folder.mlmodel.variables:
            said = (f"{name}={value}" for name, value in self.folder.mlmodel.variables.items())
            yield f"environment variables that the prediction was recorded with: {few([*said])}"
        for option, values in self.folder.mlmodel.needs.items():
            what = "hosts" if option == "allow_hosts" else "files and folders"
            if values:
                yield f"{what} that the model needs and the folder does not hold: {few(values)}"

    def iter_logins(self) -> Iterator[str]:
        """Yield a note for each host whose login is in variables that the installer must set."""
        yield from self.folder.pins.spec.notes

    def iter_unhashed(self) -> Iterator[str]:
        """Yield a note if there are no hashes."""
        if not self.pinned.is_hashed:
            lacking = [each.name for each in self.pinned.entries if not each.hashes]
            way = f"`modelenv lock -m {self.folder.path} --hashes` finds them"
            yield f"no hash is known of {few(lacking)}: {way}"


def _version_of(entry: envfiles.Entry) -> PinnedVersion | None:
    from packaging.version import Version

    return PinnedVersion(entry.name, Version(entry.version)) if entry.version else None
