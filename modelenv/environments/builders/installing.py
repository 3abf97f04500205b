"""The variables, files of lines and masking of secrets that all installers share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ...base.addresses.known_hosts import check_variables
from ...base.addresses.masks import Mask
from ...base.files.scratch import private_file
from ...worker.processes.program import run_program
from ..errors import BuildFailedError
from ..spec import EnvironmentRequest
from .room import check_room

_NAMED = re.compile(r"\$\{([A-Z0-9_]+)\}")
# Variables that redirect an installer to another place than the given environment.
_REDIRECTING = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH")


def check_places(request: EnvironmentRequest, environment: Mapping[str, str]) -> Mask:
    """Return the mask that hides the secrets of a build.

    Raises UnknownHostError if a variable would be sent to a host that the user does not know.
    """
    contents = request.contents
    python = str(request.python.executable)
    lines, channels = contents.naming_places, contents.naming_channels
    check_variables(lines, contents.permit, environment, python, channels)
    return Mask.of(environment, lines, channels)


def unset_variables(request: EnvironmentRequest, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that the lines of a request name, in pip's form, and that are not set.

    pip and uv leave such a word as it is, and send ``${NAME}`` as a login.
    """
    named = (name for line in request.contents.naming_places for name in _NAMED.findall(line))
    return tuple(dict.fromkeys(name for name in named if not environment.get(name)))


def no_dependencies(request: EnvironmentRequest) -> list[str]:
    """Return the option that installs the pins without their dependencies, if they are complete."""
    return ["--no-deps"] if request.contents.closed else []


def executable_in(root: Path) -> Path:
    """Return the interpreter of a virtual or conda environment."""
    places = ("bin/python", "Scripts/python.exe", "python.exe")
    return next((root / place for place in places if (root / place).exists()), root / places[0])


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    manager: str,
    mask: Callable[[str], str],
) -> None:
    """Run one command of an installer. Raises BuildFailedError with its masked output.

    Raises NoRoomError if the disk was the cause.
    """
    said = mask(" ".join(command))
    try:
        ended = run_program(command, environment)
    except OSError as error:
        raise BuildFailedError(manager, said, str(error)) from error
    if ended.returncode != 0:
        output = ended.stdout.decode("utf-8", "replace")
        check_room(manager, command, mask(output))
        raise BuildFailedError(manager, said, mask(output)[-8000:])


def succeeds(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Run a command that may fail, and return whether it succeeded."""
    try:
        return run_program(command, environment).returncode == 0
    except OSError:
        return False


def installer_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for an installer, without those that redirect it elsewhere.

    Empty ones of uv's are dropped: uv refuses some of them.
    """
    left = (*_REDIRECTING, "VIRTUAL_ENV")
    return {
        name: value
        for name, value in environment.items()
        if name not in left and (value or not name.startswith("UV_"))
    }


def by_hashes(request: EnvironmentRequest) -> Iterator[list[str]]:
    """Yield the lines with hashes, then the others: pip refuses a file that has both."""
    hashed = {line for line, entry in request.contents.behind.items() if entry.hashes}
    for has in (True, False):
        lines = [line for line in request.lines if (line in hashed) == has]
        if lines:
            yield lines


@contextmanager
def requirements_file(
    root: Path, request: EnvironmentRequest, lines: Iterable[str], *, settings: bool = True
) -> Iterator[Path]:
    """Write lines with their hashes and settings to a file, preceded by its location options."""
    written = [*request.location_options]
    with ExitStack() as files:
        if limits := files.enter_context(constraints_file(root, request)):
            written.append(f"-c {limits.as_uri()}")
        for line in lines:
            entry = request.contents.behind.get(line)
            if entry is not None and not settings:
                entry = replace(entry, settings=())
            written.append(" ".join((line, *(entry.options if entry else ()))))
        text = "".join(f"{line}\n" for line in written)
        yield files.enter_context(private_file(root.with_name(f"{root.name}.txt"), text))


@contextmanager
def constraints_file(root: Path, request: EnvironmentRequest) -> Iterator[Path | None]:
    """Write the constraints of a request beside the folder `root`; yield None if there are none."""
    text = "".join(f"{line}\n" for line in request.contents.constraints)
    with private_file(root.with_name(f"{root.name}.constraints.txt"), text) as file:
        yield file if text else None
