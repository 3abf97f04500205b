"""What a folder's files state, read for an edit: which lines are roots, which only follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import WrongUseError
from ..base.siblings import envfiles, resolver
from ..pins.conda_provided import Provided
from ..pins.reasons import Reasons
from ..pins.targets import target

if TYPE_CHECKING:
    from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Stated:
    """The environment of a model folder, and who may change in it."""

    folder: Path
    spec: envfiles.EnvSpec
    closed: bool
    """Whether the lines are a whole pinned closure, as modelenv writes it, not top-level lines."""

    @classmethod
    def read(cls, path: Path) -> Stated:
        """Read a model folder, of modelenv or MLflow. Raises WrongUseError, and InvalidFile."""
        folder = path.absolute()
        envfiles.recover(folder)
        if not folder.is_dir():
            raise WrongUseError(f"{folder}: there is no such folder")
        spec = envfiles.read_folder(folder, lock=False)
        return cls(folder, spec, "modelenv" in flavors(folder))

    @property
    def roots(self) -> tuple[envfiles.Entry, ...]:
        """The lines that are there for themselves."""
        names = {entry.name for entry in self.spec.requirements}
        lines = self.spec.requirements
        return tuple(entry for entry in lines if not self.closed or _is_root(entry, names))

    def get(self, name: str) -> envfiles.Entry | None:
        """Return a line by its normalised name."""
        return next((entry for entry in self.spec.requirements if entry.name == name), None)

    def version(self, name: str) -> Version | None:
        """Return the version that a name is pinned to, where it is, and not by a URL."""
        from packaging.version import Version

        entry = self.get(name)
        return Version(entry.version) if entry and entry.version else None

    @property
    def names(self) -> frozenset[str]:
        """The names that the lines ask for."""
        return frozenset(entry.name for entry in self.spec.requirements)

    @property
    def proof(self) -> Mapping[str, str]:
        """What MLmodel says of the proof of these pins; nothing where another tool wrote it."""
        ours = flavors(self.folder).get("modelenv")
        found = ours.get("proof") if isinstance(ours, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def provided_by_conda(self) -> frozenset[str]:
        """The names that conda installs, as pip knows them, and that no line pins for pip."""
        return provided_by_conda(self.spec)

    def target(self) -> resolver.Target:
        """Return the interpreter that the folder is for."""
        return target(self.spec.python)

    def installed(self) -> resolver.Installed:
        """Return what is installed here, where this interpreter is the one; else nothing."""
        wanted, here = self.target(), resolver.Installed.current()
        same = wanted.python_version == here.target.python_version
        return here if same else resolver.Installed((), wanted)

    def applies(self, entry: envfiles.Entry) -> bool:
        """Tell whether the marker of a line is true for the folder's interpreter."""
        from packaging.markers import Marker

        return not entry.marker or self.target().admits(Marker(entry.marker))


def provided_by_conda(spec: envfiles.EnvSpec, released: Iterable[str] = ()) -> frozenset[str]:
    """Return the names that conda installs, as pip knows them, and that no line pins for pip.

    The lines of `released` names are to go, and pin nothing any more.
    """
    pinned = {entry.name for entry in spec.requirements}.difference(released)
    return Provided.by(spec.conda_dependencies).names - pinned


def flavors(folder: Path) -> dict[str, object]:
    """Return the flavors of a folder's MLmodel; none where there is no such file."""
    text = envfiles.read_text(folder / "MLmodel")
    document = envfiles.load_yaml(text, file=str(folder / "MLmodel")) if text else None
    found = document.get("flavors") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _is_root(entry: envfiles.Entry, names: set[str]) -> bool:
    reasons = Reasons.read(entry.comment)
    return not entry.comment or bool(reasons.own or reasons.strangers(names))
