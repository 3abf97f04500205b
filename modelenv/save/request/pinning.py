"""The input of pinning: a captured run, its findings, and the user's requirements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ...base.settings import Settings
from ...base.siblings import resolver
from ...environments.spec import Report, silent
from ...folder.code.code_plan import CodePlan
from ...folder.code.project_files import ProjectFiles
from ...system.named_files import find_named_files
from ...system.used_file import UsedFile
from ...worker.job import Material
from ..inputs import Policy, UserRequirements
from ..observe.capture import Captured
from ..observe.used_files import find_used_files
from .prepared import Prepared
from .stopwatch import Stopwatch


@dataclass(frozen=True, slots=True, kw_only=True)
class PinningRequest:
    """A captured run, what it showed, and all that decides how it is pinned and proven."""

    captured: Captured
    attribution: resolver.Attribution
    packed: tuple[resolver.Project, ...]
    """Editable installs that travel as wheels."""
    named_only: tuple[resolver.Attributed, ...] = ()
    """Distributions that the model's code names and no run showed."""
    unread: tuple[str, ...] = ()
    """Reasons why some names in its code are unknown."""
    material: Material
    """The model, with the code that travels."""
    carried: CodePlan
    project_files: ProjectFiles = field(default_factory=ProjectFiles)
    """Further files of the project's folder that travel with the model."""
    requirements: UserRequirements
    policy: Policy
    settings: Settings
    watch: Stopwatch
    prepared: Prepared
    """Facts known without the run, above all the distributions where it was captured."""
    path: Path
    """The folder's final place, for the account."""
    folder: Path
    """The folder while it is written."""
    report: Report = silent
    """Told of what takes time."""
    version: str = ""
    """Another version of Python than that of the captured run, to resolve for; a free-threaded
    build where it ends in "t"."""
    exact: bool = False
    """Whether it is that very release."""

    @property
    def installed(self) -> resolver.Installed:
        """The distributions installed where the run was captured."""
        return self.prepared.installed

    def edits(self) -> resolver.Edits:
        """Return what tells which files of the run were edited since they were installed."""
        edits = self.prepared.edits or resolver.Edits((), self.installed)
        return edits.among(self.captured.files)

    def roots(self, kept: Iterable[resolver.Attributed]) -> list[resolver.Distribution]:
        """Return the distributions to start from, with those of the optional ones that are kept."""
        found = self.attribution.of_kind("direct", "input")
        roots = [item.distribution for item in (*found, *self.named_only, *kept)]
        return roots + [project.distribution for project in self.packed if project.ran]

    @property
    def used_files(self) -> tuple[UsedFile, ...]:
        """Files that the run used and no distribution has."""
        own = self.attribution.first_party
        return find_used_files(self.captured, self.installed, own, self.carried)

    @property
    def named_files(self) -> tuple[UsedFile, ...]:
        """Files of the system named by the model and by the code that travels with it."""
        code = (file for file in self.carried.files.values() if file.suffix == ".py")
        return find_named_files((self.material.model, *code))

    @property
    def travelling(self) -> list[Path]:
        """The files of this machine of which copies stand in the folder."""
        taken = (file.source for file in self.project_files.files)
        return [*self.carried.files.values(), *taken]

    @property
    def projects(self) -> list[resolver.Distribution]:
        """The editable installs whose code travels by itself."""
        return [project.distribution for project in self.attribution.projects]

    @property
    def environment(self) -> resolver.Installed:
        """The environment to resolve for; empty for another version of Python."""
        if not self.version:
            return self.installed
        return resolver.Installed((), resolver.Target.of(self.version))

    def stand_ins(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Return the pins of what conda installs besides, for whoever builds without conda."""
        conda = self.requirements.conda
        if conda is None:
            return resolver.Resolution(())
        return conda.provided.stand_ins(resolution, self.environment, self.installed)
