"""What the user gave: lines and policy, read once and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Literal, get_args

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base import arguments
from ..base.siblings import envfiles, resolver
from ..environments.managers import Manager
from ..pins.conda_env import CondaEnv
from ..pins.lines import Requirements, read_lines
from ..pins.package_sources import folders_here, travelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The user's requirements, as given."""

    pip_requirements: resolver.Lines | None
    extra_pip_requirements: resolver.Lines | None
    constraints: resolver.Lines | None
    overrides: resolver.Lines | None = None
    exclude: resolver.Lines | None = None
    conda: CondaEnv | None = None
    conda_pip: resolver.Lines | None = None
    """The pip section of the conda environment."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables that requirements files may name."""

    @classmethod
    def of(
        cls,
        pip_requirements: Requirements | None,
        extra_pip_requirements: Requirements | None,
        constraints: Requirements | None,
        overrides: Requirements | None = None,
        exclude: Requirements | None = None,
        conda: CondaEnv | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Given:
        """Read the user's lines as they are now, once.

        Raises BadArgumentError for what are no lines, InvalidFile for lines that cannot be read.
        """
        variables = environment or {}

        def read(layer: str, given: Requirements | None) -> resolver.Lines | None:
            lines = arguments.lines(layer, given)
            if lines is None:
                return None
            narrows = layer == "constraints"
            folder = conda.folder if conda and layer == "conda_env" else None
            return read_lines(
                lines, layer=layer, environment=variables, constraint=narrows, folder=folder
            )

        return cls(
            pip_requirements=read("pip_requirements", pip_requirements),
            extra_pip_requirements=read("extra_pip_requirements", extra_pip_requirements),
            constraints=read("constraints", constraints),
            overrides=read("overrides", overrides),
            exclude=read("exclude", exclude),
            conda=conda,
            conda_pip=read("conda_env", conda.pip) if conda else None,
            environment=variables,
        )

    def merge(
        self,
        traced: Iterable[resolver.Distribution],
        target: resolver.Target,
        projects: Iterable[resolver.Distribution] = (),
    ) -> resolver.RequirementSet:
        """Merge these lines with what was traced (the merge and override rules).

        `projects` are editable installs whose code travels by itself. What conda installs is not
        asked for.
        """
        return resolver.merge(
            traced,
            pip_requirements=self.pip_requirements,
            extra_pip_requirements=self.extra_pip_requirements,
            constraints=self.constraints,
            overrides=self.overrides,
            exclude=self.exclude,
            conda_env=self.conda_pip,
            provided=self.conda.names if self.conda else (),
            projects=projects,
            target=target,
        )

    def options(self, target: resolver.Target) -> tuple[str, ...]:
        """Return the option lines that whoever installs the pins needs, without logins."""
        said = resolver.Lines(options=self.merge((), target).options)
        lines, python = tuple(travelling(said)), target.python_version
        return envfiles.EnvSpec(python=python, requirements=(), options=lines).options

    def folders(self, target: resolver.Target) -> tuple[str, ...]:
        """Return the folders of wheels on this machine that the lines name, as URLs."""
        return folders_here(resolver.Lines(options=self.merge((), target).options))

    def limits(self, target: resolver.Target) -> tuple[str, ...]:
        """Return the constraints that hold on any machine, each once.

        An index knows no files of this one, and a constraint asks for no extras.
        """
        lines = []
        for line in self.merge((), target).constraints:
            requirement = copy(line.requirement)
            requirement.extras = set()
            if requirement.url is not None and line.written:
                requirement.url = Requirement(line.written).url
            if not (requirement.url or "").startswith("file:"):
                lines.append(str(requirement))
        return tuple(dict.fromkeys(lines))

    @property
    def written(self) -> Mapping[str, str]:
        """The lines by the names that they ask for, as they were written."""
        layers = (
            self.constraints,
            self.pip_requirements,
            self.extra_pip_requirements,
            self.conda_pip,
            self.overrides,
        )
        return {
            canonicalize_name(line.requirement.name): line.written or line.origin.text
            for lines in layers
            if lines is not None
            for line in (*lines.constraints, *lines.requirements)
        }

    @property
    def is_whole(self) -> bool:
        """Whether the user's own list replaces what is traced."""
        return self.pip_requirements is not None or self.conda is not None

    def names(self, target: resolver.Target) -> frozenset[str]:
        """Return the names that the lines ask for."""
        return frozenset(root.name for root in self.merge((), target).roots)

    def check(self) -> None:
        """Raise now what is wrong with the lines themselves, before any work is done."""
        self.merge((), resolver.Target.current())


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a set is chosen and proven."""

    optional: Literal["prove", "keep"] = "prove"
    """What becomes of distributions that libraries merely probe for."""
    prove: bool = True
    strict: bool = False
    """Refuse pins that differ from what was traced."""
    timeout: float = 600.0
    """Seconds that each run of the model may take."""
    manager: Manager = "auto"

    def __post_init__(self) -> None:
        """Raise BadArgumentError for what is no limit, no manager or no other known word."""
        arguments.word("optional", self.optional, ("prove", "keep"))
        arguments.seconds("timeout", self.timeout)
        arguments.word("env_manager", self.manager, get_args(Manager))
