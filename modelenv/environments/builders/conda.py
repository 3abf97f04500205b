"""Building an environment with conda, mamba or micromamba, whichever is installed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ...base.files.scratch import private_file
from ...base.settings import Settings
from ...base.siblings import envfiles
from ..spec import EnvironmentRequest
from .direct_urls import conceal_addresses
from .installing import check_places, constraints_file, installer_variables, run
from .sources import pip_sources, sources_of

PROGRAMS = ("micromamba", "mamba", "conda")
"""Program names, the fastest first; all read the same file."""

# Only micromamba and newer releases of the others have an option for it.
_ALWAYS_YES = MappingProxyType({"CONDA_ALWAYS_YES": "true", "MAMBA_ALWAYS_YES": "true"})


@dataclass(frozen=True, slots=True)
class Conda:
    """A builder that runs one of conda's programs, which install Python as well."""

    program: Path
    settings: Settings
    name: str = "conda"
    label: str = "an environment built with conda"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the Python that it will install and its program, in one line."""
        packages = " ".join((*request.contents.channels, *request.contents.conda_dependencies))
        return f"{self.program} {request.python_version} {packages}"

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return its channels, and the sources of pip, which installs the pins."""
        channels = (f"--channel {channel}" for channel in request.contents.channels)
        return sources_of((*channels, *pip_sources(request)), request)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from a conda.yaml written for the request."""
        mask = check_places(request, self.settings.environment)
        command = [str(self.program), *self._verbs()]
        command += ["--yes"] if self.program.stem == "micromamba" else []
        command += ["--quiet", "--prefix", str(root)]
        variables = {**installer_variables(self.settings.environment), **_ALWAYS_YES}
        if request.contents.closed:  # conda passes the pins to pip
            variables["PIP_NO_DEPS"] = "1"
        with (
            private_file(root.with_name(f"{root.name}.yaml"), _conda_yaml(request)) as file,
            constraints_file(root, request) as limits,
        ):
            if limits:
                variables["PIP_CONSTRAINT"] = str(limits)
            run([*command, "--file", str(file)], variables, self.program.stem, mask)
        conceal_addresses(root, mask)

    def _verbs(self) -> list[str]:
        return ["create"] if self.program.stem == "micromamba" else ["env", "create"]


def find_program(settings: Settings) -> Path | None:
    """Return the first of conda's programs that is on PATH."""
    path = settings.environment.get("PATH")
    found = (shutil.which(name, path=path) for name in PROGRAMS)
    return next((Path(program) for program in found if program), None)


def _conda_yaml(request: EnvironmentRequest) -> str:
    contents = request.contents
    spec = envfiles.EnvSpec(
        python=request.python_version.removesuffix("t"),
        requirements=tuple(
            contents.behind.get(line) or envfiles.Entry(line) for line in contents.requirements
        ),
        options=request.location_options,
    )
    if contents.conda_dependencies or contents.channels != spec.channels:
        spec = replace(
            spec, channels=contents.channels, conda_dependencies=contents.conda_dependencies
        )
    return envfiles.write_files(spec)["conda.yaml"]
