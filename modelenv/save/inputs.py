"""The user's input: requirement lines and a policy, read once and never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..base import arguments
from ..base.arguments import Requirements
from ..base.errors import WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.siblings import envfiles, resolver
from ..environments.spec import Manager
from ..folder.documents.bundle_policy import BundlePolicy
from ..pins.lines import read_lines, read_options, selected
from ..seal.choose import AUTOMATIC, SealRequest

if TYPE_CHECKING:  # a save needs these once its model runs
    from ..pins.conda_env import CondaEnv
    from ..pins.package_sources import PlacesHere
    from ..pins.user_hashes import UserHashes


_SELECTED = ("pip_requirements", "extra_pip_requirements")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRequirements:
    """The user's requirements as they were when the call was made."""

    pip_requirements: resolver.Lines | None = None
    extra_pip_requirements: resolver.Lines | None = None
    constraints: resolver.Lines | None = None
    overrides: resolver.Lines | None = None
    exclude: resolver.Lines | None = None
    conda: CondaEnv | None = None
    conda_pip: resolver.Lines | None = None
    """The pip section of the conda environment."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment variables that requirements files may refer to."""
    indexes: Indexes = AS_CONFIGURED
    """The indexes, besides those in the lines, for distributions that are not installed."""
    unheeded: str = ""
    """A sentence on a script's declared dependencies that are not used; empty if there is none."""

    @classmethod
    def read(
        cls,
        *,
        conda: CondaEnv | None = None,
        environment: Mapping[str, str] | None = None,
        indexes: Indexes = AS_CONFIGURED,
        groups: str | Iterable[str] = (),
        extras: str | Iterable[str] = (),
        script: Path | None = None,
        **layers: Requirements | None,
    ) -> UserRequirements:
        """Read the user's lines as they are now; `layers` are named like the fields.

        `groups` and `extras` select from a project or its lock, if `pip_requirements` or
        `extra_pip_requirements` is one. The inline requirements of a `script` (PEP 723) are added
        to `extra_pip_requirements`, unless a complete list is given.

        Raises BadArgumentError for values that are no lines, InvalidFile for lines that cannot be
        read, and UndatedError for indexes as of the date of a model, which does not exist yet.
        """
        _ = indexes.moment
        variables, selection = environment or {}, selected(groups, extras)
        if selection and not any(layers.get(layer) is not None for layer in _SELECTED):
            raise WrongUseError(
                f"{selection}: name the project or lock that has it as the list, as pyproject.toml"
            )
        lines = {
            layer: read_lines(
                said,
                layer=layer,
                environment=variables,
                constraint=layer == "constraints",
                selection=selection if layer in _SELECTED else None,
            )
            for layer in layers
            if (said := arguments.lines(layer, layers[layer])) is not None
        }
        whole = "conda_env" if conda is not None else "pip_requirements"
        unheeded = ""
        if script is not None and (conda is not None or whole in lines):
            unheeded = f"{script}: what it says that it needs is not asked for: {whole} is all"
        elif script is not None:
            stated = read_lines(script, layer="script", environment=variables)
            added = lines.get("extra_pip_requirements")
            lines["extra_pip_requirements"] = stated if added is None else stated | added
        section = (
            None
            if conda is None
            else read_lines(
                conda.pip, layer="conda_env", environment=variables, folder=conda.folder
            )
        )
        return cls(
            conda=conda,
            conda_pip=section,
            environment=variables,
            indexes=indexes,
            unheeded=unheeded,
            **lines,
        )

    def merge(
        self,
        traced: Iterable[resolver.Distribution],
        target: resolver.Target,
        projects: Iterable[resolver.Distribution] = (),
    ) -> resolver.RequirementSet:
        """Return these lines merged with the traced distributions, by the merge and override rules.

        `projects` are editable installs whose code travels as such. What conda installs is left
        out.
        """
        return resolver.merge(
            traced,
            pip_requirements=self.pip_requirements,
            extra_pip_requirements=self.extra_pip_requirements,
            constraints=(self.constraints or resolver.Lines()) | self._located,
            overrides=self.overrides,
            exclude=self.exclude,
            conda_env=self.conda_pip,
            provided=self.conda.names if self.conda else (),
            projects=projects,
            target=target,
        )

    def for_mlflow(self, installed: resolver.Installed) -> UserRequirements:
        """Return these lines with the distributions that MLflow's environment managers need.

        They are added to the user's list, or to what is traced. MLflow runs itself in that
        environment; ``mlflow-skinny`` suffices if pandas is there, which it imports but does not
        require. If ``mlflow`` is installed, the same version is taken: the two share files.
        """
        whole, skinny = installed.get("mlflow"), installed.get("mlflow-skinny")
        pinned = f"=={whole.version}" if whole is not None and skinny is None else ""
        asked = read_lines(
            [f"mlflow-skinny{pinned}", "pandas"],
            layer="mlflow=True",
            environment=self.environment,
        )
        if self.conda_pip is not None:
            return replace(self, conda_pip=self.conda_pip | asked)
        if self.pip_requirements is not None:
            return replace(self, pip_requirements=self.pip_requirements | asked)
        return replace(
            self,
            extra_pip_requirements=(self.extra_pip_requirements or resolver.Lines()) | asked,
        )

    @property
    def _located(self) -> resolver.Lines:
        return read_options(self.indexes, self.environment)

    def options(self, target: resolver.Target) -> tuple[str, ...]:
        """Return the option lines, without logins, that an installer of the pins needs."""
        from ..pins.package_sources import travelling

        lines, python = tuple(travelling(self.asked_options(target))), target.python_version
        return envfiles.EnvSpec(python=python, requirements=(), options=lines).options

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on parts of the lines that have no effect, each with its place."""
        layers = (*self._asked, self.constraints, self.overrides, self.exclude)
        told = [note for lines in layers if lines is not None for note in lines.notes]
        return (*([self.unheeded] if self.unheeded else []), *told)

    @property
    def _asked(self) -> tuple[resolver.Lines | None, ...]:
        return self.pip_requirements, self.extra_pip_requirements, self.conda_pip

    @property
    def no_index(self) -> bool:
        """Whether the lines contain ``--no-index``."""
        from ..pins.package_sources import NO_INDEX

        layers = (*self._asked, self.constraints, self._located, self.overrides)
        return any(option.name == NO_INDEX for each in layers if each for option in each.options)

    def hashes(self, target: resolver.Target, wheels: Path) -> UserHashes:
        """Return the hashes in the lines, checked against `wheels` and the files that pip names."""
        from ..pins.package_sources import PackageSources
        from ..pins.user_hashes import UserHashes

        merged = self.merge((), target)
        return UserHashes(
            lines=merged.hashed,
            asked=resolver.all_hashes_asked(merged.options),
            sources=PackageSources(
                wheels,
                resolver.Lines(options=merged.options),
                self.environment,
                indexes=self.indexes,
            ),
            target=target,
        )

    def places(self, target: resolver.Target) -> PlacesHere:
        """Return the local files and folders that the lines name."""
        from ..pins.package_sources import PlacesHere

        return PlacesHere.of(self.asked_options(target))

    def asked_options(self, target: resolver.Target) -> resolver.Lines:
        """Return only the option lines."""
        return resolver.Lines(options=self.merge((), target).options)

    def limits(self, target: resolver.Target) -> tuple[str, ...]:
        """Return the constraints that hold on any machine, each once.

        Those with local files are left out, since an index does not know these; extras are
        dropped, since a constraint cannot ask for any.
        """
        from packaging.requirements import Requirement

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
        """The lines as written, by the name that they ask for."""
        from packaging.utils import canonicalize_name

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
    def replaces_traced(self) -> bool:
        """Return whether the user's list replaces the traced distributions."""
        return self.pip_requirements is not None or self.conda is not None

    def names(self, target: resolver.Target) -> frozenset[str]:
        """Return the names that the lines ask for."""
        return frozenset(root.name for root in self.merge((), target).roots)

    def check(self, target: Callable[[], resolver.Target]) -> None:
        """Raise the resolver's errors for faults in the lines, before any work is done.

        `target` is only called if there are lines.
        """
        if self != UserRequirements(environment=self.environment):
            self.merge((), target())


_SEAL = ("seal", "allow_hosts", "allow_paths")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules by which a set is chosen and proven."""

    optional: Literal["prove", "keep"] = "prove"
    """What to do with distributions that libraries merely try to import."""
    prove: bool = True
    strict: bool = False
    """Whether to refuse pins that differ from what was traced, and edited files."""
    timeout: float = 600.0
    """The time limit of each run of the model, in seconds."""
    manager: Manager = "auto"
    seal: SealRequest = AUTOMATIC
    bundle: BundlePolicy = field(default_factory=BundlePolicy)
    ask_index: bool = False
    """Whether to ask the index if it has the pins that are supposed to be there."""

    @classmethod
    def part(cls, options: Mapping[str, Any]) -> tuple[Policy, dict[str, Any]]:
        """Return the policy in `options`, and the remaining options."""
        seal = {name: options[name] for name in _SEAL if name in options}
        how = {each.name for each in fields(cls)}.difference(_SEAL) & options.keys()
        said = {name: options[name] for name in how}
        if "bundle" in said:
            said["bundle"] = BundlePolicy.read(said["bundle"])
        policy = cls(seal=SealRequest.read(**seal), **said)
        return policy, {name: options[name] for name in options.keys() - how - seal.keys()}

    def __post_init__(self) -> None:
        """Raise BadArgumentError for an invalid limit, manager, or other value."""
        arguments.choice("optional", self.optional, ("prove", "keep"))
        arguments.seconds("timeout", self.timeout)
        arguments.choice("env_manager", self.manager, get_args(Manager))
