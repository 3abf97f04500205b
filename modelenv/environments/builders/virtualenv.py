"""Building an environment with the interpreter's own venv and pip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...base.settings import Settings
from ..pythons.discovery import base_of
from ..spec import EnvironmentRequest
from .direct_urls import conceal_addresses
from .installing import (
    by_hashes,
    check_places,
    executable_in,
    installer_variables,
    no_dependencies,
    requirements_file,
    run,
    succeeds,
)
from .sources import pip_sources, sources_of


@dataclass(frozen=True, slots=True)
class Virtualenv:
    """A builder that runs the interpreter's own venv and pip."""

    settings: Settings
    name: str = "virtualenv"
    label: str = "an environment built with venv and pip"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the path and version of the interpreter that was found for it."""
        return str(base_of(request, self.settings))

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return the sources that pip would use: configured ones, and the folder's."""
        return sources_of(pip_sources(request), request)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from the folders of wheels that are configured for pip, else from its index."""
        mask = check_places(request, self.settings.environment)
        base = base_of(request, self.settings)
        environment = installer_variables(self.settings.environment)
        run([str(base.executable), "-I", "-m", "venv", str(root)], environment, self.name, mask)
        install = [str(executable_in(root)), "-I", "-m", "pip", "install", "--quiet"]
        install += [*no_dependencies(request), "--disable-pip-version-check"]
        if any(entry.settings for entry in request.contents.behind.values()):
            # pip caches a built wheel whatever the settings of its build.
            install.append("--no-cache-dir")
        for lines in by_hashes(request):
            with requirements_file(root, request, lines) as file:
                command = [*install, "-r", str(file)]
                if not succeeds([*command, "--no-index"], environment):
                    run(command, environment, self.name, mask)
        conceal_addresses(root, mask)
