"""Outcomes of earlier proofs, from which the next one of a like model is predicted.

An outcome is a small file named by a key of everything it depends on, as far as that is known
before a model has run. It decides nothing: the predicted proof is begun early, and checked against
the real one. A damaged file counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeGuard

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier

from ...base.errors import WrongUseError
from ...base.files.bounded import read_json
from ...base.settings import Settings
from ...environments.cached import default_cache

_LAYOUT = 1
_MOST = 256
_LARGEST = 256 * 1024
_ENDING = ".json"
_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of the last proven save of such a model."""

    requirements: tuple[str, ...] = ()
    """The pins, as lines of a requirements file."""
    variables: tuple[str, ...] = ()
    """The names of the environment variables that it was recorded with."""
    modules: tuple[tuple[str, str], ...] = ()
    """The modules of the user's own that it imported, each with its file."""
    tried: int = 1
    """The number of sets of pins that were tried until these were proven."""
    why_not: str = ""
    """The reason not to begin a like proof beside the traced run; empty: it may be begun."""


class ProofHistory:
    """The outcomes that are kept in one folder, a bounded number."""

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        self.folder = folder
        self._most = most

    @classmethod
    def default(cls, settings: Settings) -> ProofHistory:
        """Return the history in the user's cache folder, or in that which is configured."""
        return cls(default_cache(settings).folder.parent / "proofs")

    def get(self, key: str) -> Outcome | None:
        """Return what is known of a key; None: nothing that can be read."""
        try:
            told = read_json(self._file(key), largest=_LARGEST)
        except (OSError, WrongUseError):
            return None
        return _read(told)

    def put(self, key: str, outcome: Outcome) -> None:
        """Store the outcome of a key; nothing is stored where the folder cannot be written."""
        if self.get(key) == outcome:
            with suppress(OSError):
                os.utime(self._file(key))
            return
        text = json.dumps({"layout": _LAYOUT, **asdict(outcome)})
        if len(text) > _LARGEST:
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(text, self._file(key))
            for file in self.entries()[self._most :]:
                file.unlink(missing_ok=True)

    def _write(self, text: str, file: Path) -> None:
        """Write a file whole, whoever reads or writes it meanwhile."""
        with tempfile.NamedTemporaryFile(
            "w", dir=self.folder, suffix=".partial", encoding="utf-8", delete=False
        ) as partial:
            partial.write(text)
        try:
            Path(partial.name).replace(file)
        except OSError:
            Path(partial.name).unlink(missing_ok=True)
            raise

    def entries(self) -> list[Path]:
        """Return the files, the one last written or confirmed first."""
        times: dict[Path, float] = {}
        with suppress(OSError):
            for file in self.folder.iterdir():
                with suppress(OSError):
                    times[file] = file.stat().st_mtime
        return sorted(times, key=lambda file: -times[file])

    def remove(self, unused_days: float = 0.0) -> int:
        """Remove what was not confirmed for so many days; return how many that were."""
        removed = 0
        for file in self.entries():
            with suppress(OSError):
                if time.time() - file.stat().st_mtime >= unused_days * 86400:
                    file.unlink()
                    removed += 1
        return removed

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}{_ENDING}"


def key_of(parts: Mapping[str, Iterable[str]]) -> str:
    """Return a key that is another one where any of the parts is."""
    content = {"layout": [str(_LAYOUT)], **{name: list(each) for name, each in parts.items()}}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _read(told: Any) -> Outcome | None:
    """Return the outcome that a document tells, or None where it is none."""
    if not isinstance(told, dict) or told.get("layout") != _LAYOUT:
        return None
    requirements, variables = told.get("requirements"), told.get("variables")
    modules, tried, why_not = (told.get(name) for name in ("modules", "tried", "why_not"))
    if not (_are_texts(requirements) and _are_texts(variables) and isinstance(modules, list)):
        return None
    if not (all(map(_is_requirement, requirements)) and all(map(_is_module, modules))):
        return None
    if type(tried) is not int or type(why_not) is not str:
        return None
    return Outcome(
        requirements=tuple(requirements),
        variables=tuple(variables),
        modules=tuple((module, file) for module, file in modules),
        tried=tried,
        why_not=why_not,
    )


def _is_requirement(line: str) -> bool:
    try:
        Requirement(line)
    except (InvalidRequirement, InvalidSpecifier):
        return False
    return True


def _is_module(told: Any) -> bool:
    """Return whether a value is a module name and its file: the name says where it is copied."""
    is_pair = _are_texts(told) and len(told) == _PAIR
    return is_pair and all(part.isidentifier() for part in told[0].split("."))


def _are_texts(told: Any) -> TypeGuard[list[str]]:
    return isinstance(told, list) and all(isinstance(each, str) for each in told)
