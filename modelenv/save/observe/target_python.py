"""The Python that a model is for: this one, another interpreter, or another version."""

from __future__ import annotations

import os
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...base.errors import WrongUseError
from ...base.settings import Settings
from ...environments.interpreter import Python

if TYPE_CHECKING:
    from ...pins.conda_env import CondaEnv


@dataclass(frozen=True, slots=True)
class TargetPython:
    """The target Python of a model, if it is not this one."""

    executable: Path | None = None
    """An interpreter with the model's libraries, in which it is traced and proven."""
    version: str = ""
    """A version: the model is traced here, resolved for that version, and proven in an
    environment of it. One that ends in "t" is a free-threaded build."""
    exact: bool = False
    """Whether exactly that release is meant, because the user named one."""


def find_target(
    python: str | os.PathLike[str] | None,
    conda: CondaEnv | None,
    here: Python,
    settings: Settings,
    *,
    prove: bool,
) -> TargetPython:
    """Return the target: an interpreter, or the version that conda_env or `python` asks for.

    `python` is a version, an interpreter's path or name, or the folder of a virtual environment.
    Raises WrongUseError if it does not exist or contradicts `conda_env`, and PythonMissingError if
    a model is to be proven in a version that is not on this machine.
    """
    if python is None and conda is None:
        return TargetPython()
    from ...environments.pythons.discovery import find, is_here, version_of
    from ...environments.pythons.named_python import NamedPython, is_release, is_version

    if python is None or is_version(python):
        if python is not None:
            _check_agree(str(python), conda)
        version = str(python or "") or other_version(conda, here, settings)
        exact = python is not None and is_release(str(python))
        if not version or is_here(version, here, exact=exact):
            return TargetPython()
        if prove:
            version = find(version, here, settings, exact=exact).version
        return TargetPython(version=version, exact=exact)
    executable = NamedPython.of(python, here, settings).executable
    assert executable is not None
    _check_agree(version_of(executable) or "", conda, executable)
    if executable.samefile(here.executable) and executable.parent == here.executable.parent:
        return TargetPython()
    return TargetPython(executable=executable)


def other_version(conda: CondaEnv | None, python: Python, settings: Settings) -> str:
    """Return the version that conda_env asks for, if `python` is another one; else an empty text.

    For a range, that is the newest version on this machine; without one, the oldest in the range,
    which certainly exists.
    """
    if conda is None or conda.admits(python.version):
        return ""
    from ...environments.errors import PythonMissingError
    from ...environments.pythons.discovery import find

    for version in () if conda.python else reversed(conda.minors):
        with suppress(PythonMissingError):
            return find(version, python, settings).version
    return conda.python or conda.minors[0]


def own_folders(here: Python) -> tuple[Path, ...]:
    """Return the path entries without the standard library and without installed distributions.

    They are folders and archives. The standard library itself may be an archive:
    ``python312.zip``.
    """
    installed = {"site-packages", "dist-packages"}
    release = "".join(here.version.split(".")[:2])
    stdlib = {str(Path(folder).with_name(f"python{release}.zip")) for folder in here.stdlib}
    return tuple(
        Path(entry)
        for entry in here.path
        if not installed & set(Path(entry).parts)
        and not any(Path(entry).is_relative_to(folder) for folder in here.stdlib)
        and entry not in stdlib
        and (Path(entry).is_dir() or zipfile.is_zipfile(entry))
    )


def _check_agree(version: str, conda: CondaEnv | None, executable: Path | None = None) -> None:
    if conda is not None and not conda.admits(version):
        of = f" ({executable})" if executable else ""
        raise WrongUseError(
            f"python says {version}{of} and conda_env {conda.python_spec}: the model is for one of"
            " them"
        )
