"""New texts for existing files: only what an environment changes is changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..lock.pylock import PYLOCK, other_tools, write_pylock
from ..text import read_text
from .conda_yaml import CONDA
from .mlmodel import read_model_file
from .python_env import PYTHON_ENV
from .requirements_txt import CONSTRAINTS, REQUIREMENTS, write_constraints
from .update_requirements import update_requirements
from .update_yaml import update_conda, update_python_env

if TYPE_CHECKING:
    import os

    from ..spec import EnvSpec


def update_files(folder: str | os.PathLike[str], spec: EnvSpec) -> dict[str, str | None]:
    """Return what the environment files of a folder have to be for an environment.

    Comments, order, line ends and unknown keys stay as they are, as far as the environment leaves
    them alone. File name to text; None for a file that has to go. Raises InvalidFile.
    """
    place = Path(folder)
    model = read_model_file(place)
    conda, python_env = model.conda or CONDA, model.virtualenv or PYTHON_ENV
    return {
        REQUIREMENTS: update_requirements(_read(place, REQUIREMENTS), spec),
        conda: update_conda(_read(place, conda), spec),
        python_env: update_python_env(_read(place, python_env), spec),
        CONSTRAINTS: write_constraints(spec) if spec.constraints else None,
        PYLOCK: _update_lock(_read(place, PYLOCK), spec),
    }


def _read(folder: Path, name: str) -> str:
    return read_text(folder / name, within=folder) or ""


def _update_lock(old: str, spec: EnvSpec) -> str | None:
    if spec.lock is None:
        return None
    return write_pylock(spec.lock, tool=other_tools(old, file=PYLOCK) if old else None)
