"""Outcomes of earlier proofs, used to predict the next proof of a similar model.

An outcome is a small file, named by a key of all that is known before the model runs. It decides
nothing: the predicted proof is started early, and then checked against the real one. A damaged
file counts as absent.
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
    """The outcome of the last proven save of a similar model."""

    requirements: tuple[str, ...] = ()
    """The pins as lines of a requirements file."""
    variables: tuple[str, ...] = ()
    """The names of the environment variables that were recorded."""
    modules: tuple[tuple[str, str], ...] = ()
    """The user's own modules that were imported, each with its file."""
    tried: int = 1
    """The number of pinned sets that were tried, up to the proven one."""
    why_not: str = ""
    """The reason not to start a similar proof beside the traced run; empty if there is none."""


class ProofHistory:
    """A limited number of outcomes in one folder."""

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        self.folder = folder
        self._most = most

    @classmethod
    def default(cls, settings: Settings) -> ProofHistory:
        """Return the history in the configured cache folder, by default the user's."""
        return cls(default_cache(settings).folder.parent / "proofs")

    def get(self, key: str) -> Outcome | None:
        """Return the outcome stored under a key, or None if there is none that can be read."""
        try:
            told = read_json(self._file(key), largest=_LARGEST)
        except (OSError, WrongUseError):
            return None
        return _read(told)

    def put(self, key: str, outcome: Outcome) -> None:
        """Store an outcome under a key; do nothing if the folder cannot be written."""
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
        """Write a file atomically."""
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
        """Return the files, the most recently written or confirmed first."""
        times: dict[Path, float] = {}
        with suppress(OSError):
            for file in self.folder.iterdir():
                with suppress(OSError):
                    times[file] = file.stat().st_mtime
        return sorted(times, key=lambda file: -times[file])

    def remove(self, unused_days: float = 0.0) -> int:
        """Remove outcomes that were not confirmed for `unused_days`; return their number."""
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
    """Return a key that differs if any of the parts differs."""
    content = {"layout": [str(_LAYOUT)], **{name: list(each) for name, each in parts.items()}}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _read(told: Any) -> Outcome | None:
    """Return the outcome in a document, or None if the document holds none."""
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
    """Return whether a value is a module's name and file, with a name that yields a safe path."""
    is_pair = _are_texts(told) and len(told) == _PAIR
    return is_pair and all(part.isidentifier() for part in told[0].split("."))


def _are_texts(told: Any) -> TypeGuard[list[str]]:
    return isinstance(told, list) and all(isinstance(each, str) for each in told)
