"""The one reader for all forms of a list: returns the lines that pip would be given instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Fault, InvalidFile
from .forms import REQUIREMENTS, form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .values import ListContent, ListFile


_OF_CONDA = "what conda installs is no list for pip: `--conda-env FILE` takes a conda file"
_OF_OTHERS = {
    "poetry lock": "is a lock of poetry's: `poetry export -f requirements.txt -o requirements.txt`"
    " writes it as a list (poetry self add poetry-plugin-export)",
    "pdm lock": "is a lock of pdm's: `pdm export -f requirements -o requirements.txt`, or"
    " `pdm export -f pylock -o pylock.toml`, writes it as a list",
    "setup.py": "is a program, which has to run before its requirements are known: give"
    " pyproject.toml, or what `pip freeze` says of where it is installed",
    "setup.cfg": "is of setuptools, whose install_requires are no list: move them to [project]"
    " dependencies of pyproject.toml, or write them one a line",
    "notebook": "is a notebook: write its %pip lines into a list, one requirement a line",
    "Pipfile.lock": "is a lock of pipenv's: `pipenv requirements > requirements.txt` writes it as a"
    " list",
    "Pipfile": "is a project of pipenv's: `pipenv requirements > requirements.txt` writes its lock"
    " as a list",
    "pixi lock": "is a lock of pixi's: `pixi project export conda-environment environment.yml`"
    f" writes it as a conda file; {_OF_CONDA}",
    "pixi project": "is a project of pixi's: `pixi project export conda-environment"
    f" environment.yml` writes it as a conda file; {_OF_CONDA}",
    "conda lock": "is a lock of conda-lock's: `conda-lock render --kind env` writes it as a conda"
    f" file; {_OF_CONDA}",
    "conda environment": f"is a conda environment: {_OF_CONDA}",
    "explicit conda list": f"is an explicit list of conda's: {_OF_CONDA}",
    "python_env": "is MLflow's python_env.yaml: give the requirements.txt beside it",
    "MLmodel": "is the MLmodel of a model folder: give the requirements.txt beside it",
    "CycloneDX bill": "is a bill of materials: it lists what was there, not how to install it",
    "requires of an egg": "is the requires.txt of an egg-info, whose sections are no lines: give"
    " the pyproject.toml that it was built from, or write them one a line",
    "table of pip": "is what `pip list` prints for people: `pip freeze` writes it as a list",
    "report of pip": "is a report of pip's: `pip freeze` or `pip lock` writes a list",
}


def read_listed(file: ListFile) -> ListContent | None:
    """Return the content of a list that is not in pip's lines; None for one that is.

    Raises InvalidFile: for faults in it, for an extra or a group that it does not have, and for a
    form that only its own tool turns into a list.
    """
    form = form_of(file.path, file.text)
    if form == REQUIREMENTS:
        return None
    reader = _reader(form)
    if reader is None:
        raise InvalidFile([Fault(file.at(), _OF_OTHERS[form])])
    return reader(file)


def _reader(form: str) -> Callable[[ListFile], ListContent] | None:
    """Return the reader of a form, loaded if it is needed."""
    if form == "pyproject":
        from .pyproject import read_pyproject

        return read_pyproject
    if form == "script":
        from .script import read_script

        return read_script
    if form == "uv lock":
        from .uv.lock import read_uv_lock

        return read_uv_lock
    if form == "pylock":
        from .locked import read_locked

        return read_locked
    return None
