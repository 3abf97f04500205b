"""The input of pinning: a captured run, what was found in it, and the user's requirements."""

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
    """Distributions that the model's code names although no run showed them."""
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
    """Facts known without the run, mainly the distributions installed where it ran."""
    path: Path
    """The folder's final path, for the account."""
    folder: Path
    """The folder's path while it is written."""
    report: Report = silent
    """Called with a few words at the start of each slow step."""
    version: str = ""
    """The target version, if it is not that of the captured run; a free-threaded build if it
    ends in "t"."""
    exact: bool = False
    """Whether exactly that release is meant."""

    @property
    def installed(self) -> resolver.Installed:
        """The distributions installed where the run was captured."""
        return self.prepared.installed

    def edits(self) -> resolver.Edits:
        """Return the check for files of the run that were edited after they were installed."""
        edits = self.prepared.edits or resolver.Edits((), self.installed)
        return edits.among(self.captured.files)

    def roots(self, kept: Iterable[resolver.Attributed]) -> list[resolver.Distribution]:
        """Return the distributions to start from, including the optional ones in `kept`."""
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
        """System files that are named in the model and in the code that travels."""
        code = (file for file in self.carried.files.values() if file.suffix == ".py")
        return find_named_files((self.material.model, *code))

    @property
    def travelling(self) -> list[Path]:
        """The files of this machine that are copied into the folder."""
        taken = (file.source for file in self.project_files.files)
        return [*self.carried.files.values(), *taken]

    @property
    def projects(self) -> list[resolver.Distribution]:
        """The editable installs whose code travels as such."""
        return [project.distribution for project in self.attribution.projects]

    @property
    def environment(self) -> resolver.Installed:
        """The environment to resolve for; empty if the target is another version of Python."""
        if not self.version:
            return self.installed
        return resolver.Installed((), resolver.Target.of(self.version))

    def stand_ins(self, resolution: resolver.Resolution) -> resolver.Resolution:
        """Return pins in place of conda's packages, for environments built without conda."""
        conda = self.requirements.conda
        if conda is None:
            return resolver.Resolution(())
        return conda.provided.stand_ins(resolution, self.environment, self.installed)
