"""A model that is exported: its folder, its pins, and where the files are to stand."""

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
    """A model, and all that a form may say of it."""

    folder: ModelFolder
    pinned: Pinned
    sources: PackageSources
    output: Path
    """The file that is written, or the folder of several; absolute."""
    base: Path
    """The folder in which the files are written: that of `output`, or it itself."""
    interpreter: Python
    """The interpreter in whose environment things are looked up."""
    installed: resolver.Installed
    """What is installed where licences and the contents of wheels are looked up."""
    report: Report = field(default=silent)

    @property
    def name(self) -> str:
        """The name of the model: its folder's, as names of distributions are spelled."""
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
        """The path of the model folder from where the files stand, with ``/``.

        On Windows there is none from another drive: it is absolute there.
        """
        there, here = self.folder.path.resolve(), self.base.resolve()
        try:
            return Path(os.path.relpath(there, here)).as_posix()
        except ValueError:
            return there.as_posix()

    @property
    def is_below(self) -> bool:
        """Whether the model folder stands below the folder in which the files are written."""
        here = self.base.resolve()
        return here in self.folder.path.resolve().parents

    @property
    def bundled(self) -> dict[str, Path]:
        """The wheels that travel with the model, by the names of the pins that they are of."""
        versions = [each for each in map(_version_of, self.pinned.entries) if each is not None]
        here, _ = self.sources.split(versions)
        shelf = self.sources.wheel_folder(self.pinned.target)
        found = resolver.find_artifacts(here, self.pinned.target, sources=shelf).files
        return {name: self.folder.wheels / files[0].file for name, files in found.items() if files}

    @property
    def otherwise(self) -> Otherwise:
        """What the metadata of the pins asks for otherwise than they are."""
        return Otherwise.of(self.pinned, self.installed)

    @property
    def system_packages(self) -> tuple[str, ...]:
        """The packages of Debian's that the prediction used and no pinned distribution brings."""
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
        """Yield a sentence for each thing that the model has, of those that a form cannot say."""
        if hashes and any(each.hashes for each in self.pinned.entries):
            yield "the hashes of the pinned files: what is installed is not checked against them"
        if python:
            yield f"Python {self.python}: it has to be what runs there"
        if system and self.system_packages:
            yield f"packages of the system that the prediction used: {few(self.system_packages)}"
        if variables and self.folder.mlmodel.variables:
            said = (f"{name}={value}" for name, value in self.folder.mlmodel.variables.items())
            yield f"environment variables that the prediction was recorded with: {few([*said])}"
        for option, values in self.folder.mlmodel.needs.items():
            what = "hosts" if option == "allow_hosts" else "files and folders"
            if values:
                yield f"{what} that the model needs and has not with it: {few(values)}"

    def iter_logins(self) -> Iterator[str]:
        """Yield a note for each host whose login stands in variables that whoever installs sets."""
        yield from self.folder.pins.spec.notes

    def iter_unhashed(self) -> Iterator[str]:
        """Yield a note where no hashes are known."""
        if not self.pinned.is_hashed:
            lacking = [each.name for each in self.pinned.entries if not each.hashes]
            way = f"`modelenv lock -m {self.folder.path} --hashes` finds them"
            yield f"no hash is known of {few(lacking)}: {way}"


def _version_of(entry: envfiles.Entry) -> PinnedVersion | None:
    from packaging.version import Version

    return PinnedVersion(entry.name, Version(entry.version)) if entry.version else None
