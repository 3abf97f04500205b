"""An environment that is built from the pins: by uv where it is found, else by venv and pip."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import BuildFailedError
from .process import Interpreter
from .python import Python
from .replica import clean_environment


def build(
    root: Path,
    requirements: Path,
    python: Python,
    environment: Mapping[str, str],
    *,
    uv: Path | None,
) -> Interpreter:
    """Build an environment in the new folder `root` from a requirements file.

    `uv` is the uv program; None: the venv module of `python` and its pip. Both use the index that
    they are configured with. Raises BuildFailedError with what the installer printed.
    """
    windows = python.markers["os_name"] == "nt"
    programs = root / ("Scripts" if windows else "bin")
    executable = programs / ("python.exe" if windows else "python")
    base = str(python.base)
    if uv is not None:
        commands = [
            [str(uv), "venv", "--quiet", "--no-config", "--python", base, str(root)],
            [str(uv), "pip", "install", "--quiet", "--no-deps", "--python", str(executable)],
        ]
    else:
        commands = [
            [base, "-m", "venv", str(root)],
            [str(executable), "-m", "pip", "install", "--quiet", "--no-deps"],
        ]
    commands[-1] += ["-r", str(requirements)]
    for command in commands:
        _run(command, requirements.parent, environment, "uv" if uv is not None else "venv and pip")
    return Interpreter(
        executable=executable,
        options=("-I", "-X", "utf8"),
        environment=clean_environment(environment, programs),
    )


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], manager: str
) -> None:
    kept = {name: value for name, value in environment.items() if name != "VIRTUAL_ENV"}
    try:
        ended = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=kept,
            cwd=folder,
        )
    except OSError as error:
        raise BuildFailedError(manager, " ".join(command), str(error)) from error
    if ended.returncode != 0:
        output = ended.stdout.decode("utf-8", "replace")
        raise BuildFailedError(manager, " ".join(command), output[-8000:])
