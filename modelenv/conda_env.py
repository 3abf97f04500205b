"""A conda environment as the user gives it: kept as it is, and what it says of pip and Python."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .errors import WrongUseError
from .provided import Provided
from .siblings import envfiles

Conda = Mapping[str, Any] | str | os.PathLike[str]

# Lines of pip's that lead to a file, which stands where the conda file does.
_LEADS = re.compile(
    r"(?P<option>-r|-c|-e|--requirement|--constraint|--editable)(?P<between>\s+|=|(?=\S))(?P<path>.+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnv:
    """What a conda environment says."""

    text: str
    """The whole file, as it was given."""
    name: str | None
    channels: tuple[str, ...]
    python: str
    """The version of Python that it asks for, as it spells it; empty where it leaves that open."""
    dependencies: tuple[str, ...]
    """What conda installs besides Python and pip, in its own words."""
    pip: tuple[str, ...]
    """Its pip section: lines of a requirements file."""

    @classmethod
    def of(cls, given: Conda, here: str) -> CondaEnv:
        """Read a conda file, or the mapping that one would hold.

        `here` is the version of the Python that the model would run with otherwise. Raises
        WrongUseError, and InvalidFile with the line.
        """
        if isinstance(given, Mapping):
            file, folder, text = "conda_env", None, envfiles.dump_yaml(dict(given))
        else:
            file, folder = os.fspath(given), Path(given).absolute().parent
            text = _read(Path(given))
        found = envfiles.read_conda(text, file=file)
        return cls(
            text=envfiles.protect(text),
            name=found.name,
            channels=found.channels,
            python=found.python or _open_python(found.python_spec, here),
            dependencies=found.dependencies,
            pip=tuple(_iter_pip(envfiles.load_yaml(text, file=file), folder)),
        )

    @property
    def provided(self) -> Provided:
        """What conda installs, as pip would ask for it; much of it is no distribution."""
        return Provided.by(self.dependencies)

    @property
    def names(self) -> frozenset[str]:
        """The names of what conda installs, as pip knows them."""
        return self.provided.names


def _read(file: Path) -> str:
    text = envfiles.read_text(file)
    if text is None:
        raise WrongUseError(f"conda_env: {file}: there is no such file")
    return text


def _iter_pip(document: Any, folder: Path | None) -> Iterator[str]:
    sections = (each for each in document.get("dependencies") or () if isinstance(each, dict))
    lines: Iterable[Any] = (line for section in sections for line in section.get("pip") or ())
    for line in lines:
        yield str(line) if folder is None else _beside(str(line).strip(), folder)


def _beside(line: str, folder: Path) -> str:
    """Take the file that a line leads to relative to the conda file, as conda does."""
    found = _LEADS.fullmatch(line)
    if found and not _is_elsewhere(found["path"]):
        return f"{found['option']} {folder / found['path']}"
    return str(folder / line) if line.startswith(("./", "../")) else line


def _is_elsewhere(path: str) -> bool:
    return "://" in path or path.startswith("git+") or Path(path).is_absolute()


def _open_python(spec: str | None, here: str) -> str:
    """Check what is not one version of Python against the one that runs here; give nothing."""
    said = re.sub(r"^(.*::)?\s*python\s*", "", spec or "").strip()
    try:
        fits = SpecifierSet(said).contains(here)
    except InvalidSpecifier:
        fits = False
    if not fits:
        raise WrongUseError(
            f"conda_env asks for {spec!r}, and this is Python {here}: name one version there, as"
            f" python={'.'.join(here.split('.')[:2])}"
        )
    return ""


__all__ = ["Conda", "CondaEnv"]
