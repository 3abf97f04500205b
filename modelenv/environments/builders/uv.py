"""Building an environment with uv, which links the wheels of its cache."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from ...base.addresses.masks import Mask
from ...base.settings import Settings
from ..errors import BuildFailedError, PythonMissingError
from ..interpreter import Python
from ..pythons.discovery import base_of, find
from ..spec import EnvironmentRequest
from .direct_urls import conceal_addresses
from .installing import (
    check_places,
    executable_in,
    installer_variables,
    no_dependencies,
    requirements_file,
    run,
    succeeds,
)
from .sources import as_pip_of, uv_sources, with_pip_locations

_LOGIN = re.compile(r"UV_INDEX_.+_(USERNAME|PASSWORD)")
_MOST_SAID = 300  # characters of uv's output


@dataclass(frozen=True, slots=True)
class Uv:
    """A builder that runs uv, which links the wheels of its cache."""

    program: Path
    settings: Settings
    name: str = "uv"
    label: str = "an environment built with uv"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the path and version of the interpreter that was found for it."""
        return str(base_of(request, self.settings))

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return the sources that uv would use."""
        return uv_sources(request, self.settings.environment)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from uv's cache, else from the index that is configured for it or for pip."""
        mask = check_places(request, self.settings.environment)
        base = base_of(request, self.settings)
        uv = str(self.program)
        make = [uv, "venv", "--quiet", "--no-config", "--python", str(base.executable), str(root)]
        environment = with_pip_locations(installer_variables(self.settings.environment), request)
        run(make, environment, self.name, mask)
        install = [uv, "pip", "install", "--quiet", *no_dependencies(request)]
        install.append("--compile-bytecode")  # a sealed run cannot write bytecode
        install += ["--python", str(executable_in(root))]
        for option in request.contents.options:  # uv ignores these options in a file
            flag, _, host = option.partition(" ")
            install += ["--allow-insecure-host", host] if flag == "--trusted-host" else []
        for entry in request.contents.behind.values():  # uv refuses a file with such options
            for each in entry.settings:
                install += ["--config-settings-package", f"{entry.name}:{each}"]
        with requirements_file(root, request, request.lines, settings=False) as file:
            install += ["-r", str(file)]
            if not succeeds([*install, "--offline"], environment):
                run(install, environment, self.name, mask)
        conceal_addresses(root, mask)


def without_logins(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without the logins that belong to names of indexes.

    The logins are the user's, and the index names in a project are untrusted.
    """
    return {name: value for name, value in environment.items() if not _LOGIN.fullmatch(name)}


def lock_project(folder: Path, python: str, settings: Settings) -> str:
    """Lock the uv project in a folder again; return the reason of a failure, empty on success.

    `python` is the version that the project needs. Locked packages keep their versions if
    possible.
    """
    if settings.uv is None:
        return "there is no uv here"
    given = without_logins(installer_variables(settings.environment))
    environment = as_pip_of(sys.executable, given)
    try:
        base = find(python, Python.current(), settings).executable
        command = [str(settings.uv), "lock", "--quiet", "--python", str(base)]
        run([*command, "--project", str(folder)], environment, "uv", Mask.of(environment))
    except PythonMissingError:
        return f"there is no Python {python} here for uv to lock them with"
    except BuildFailedError as error:
        said = " ".join(error.output.split())
        return f"uv could not lock them: {shorten(said, _MOST_SAID, placeholder=' …')}"
    return ""
