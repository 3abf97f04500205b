"""The records of MLflow's tracking folders, which name the places of artifacts.

Each run, logged model and version of a registered model has a folder with a ``meta.yaml``. Its
artifacts are usually beside that file; else the record has their path.
"""

from __future__ import annotations

import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.addresses import model_uri
from ...base.siblings import envfiles

DATABASE = "mlflow.db"
"""The default name of MLflow 3's tracking database."""
_RECORD, _ARTIFACTS = "meta.yaml", "artifacts"
_LONGEST_TAIL = 5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The place of a record's artifacts that are not beside it."""

    folder: Path | None
    """None: not on this machine, or removed."""
    reason: str = ""
    is_model: bool = False
    """Whether they belong to a model, not to a run, which may have none."""


def is_record(names: Container[str]) -> bool:
    """Return whether a folder with these names in it has a record of MLflow's."""
    return _RECORD in names


def elsewhere(folder: Path, names: Container[str]) -> Elsewhere | None:
    """Return the place of a record's artifacts; None: they are beside it, or it has none."""
    if _ARTIFACTS in names and _has_any(folder / _ARTIFACTS):
        return None
    said = _read(folder / _RECORD)
    if "model_id" not in said and "artifact_uri" not in said and "version" not in said:
        return None  # an experiment, or an unrelated file
    is_model = "artifact_uri" not in said
    place = _place(said)
    if not place or place.startswith(("models:/", "runs:/")):  # of another record, also found
        return None
    if model_uri.is_remote(place):
        way = f"`mlflow artifacts download --artifact-uri {place} --dst-path DIR` downloads them"
        return Elsewhere(None, f"its artifacts lie in a store, {place}: {way}", is_model)
    return _local(folder, Path(model_uri.local(place)), is_model=is_model)


def _local(folder: Path, stated: Path, *, is_model: bool) -> Elsewhere | None:
    """Return the place at a recorded path; a moved tracking folder has it below its new place."""
    if stated == folder / _ARTIFACTS:
        return None
    if stated.is_dir():
        return Elsewhere(stated)
    if not is_model or _moved(folder, stated):
        return None
    return Elsewhere(None, f"its artifacts are not where its {_RECORD} says: {stated}", is_model)


def _moved(folder: Path, stated: Path) -> bool:
    """Return whether the end of a path exists below a record, or below a folder above it."""
    tails = (stated.parts[-length:] for length in range(2, _LONGEST_TAIL + 1))
    ends = [Path(*tail) for tail in tails if tail[0] != stated.anchor]
    return any((above / end).is_dir() for above in folder.parents[:_LONGEST_TAIL] for end in ends)


def _place(said: dict[str, Any]) -> str:
    keys = ("artifact_uri", "artifact_location", "storage_location", "source")
    return next((said[key] for key in keys if isinstance(said.get(key), str) and said[key]), "")


def _read(file: Path) -> dict[str, Any]:
    """Return the content of a record; empty if it cannot be read."""
    try:
        text = envfiles.read_text(file)
        document = envfiles.load_yaml(text, file=str(file)) if text else None
    except (envfiles.EnvFilesError, OSError):
        return {}
    return document if isinstance(document, dict) else {}


def _has_any(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(True for _ in entries)
    except OSError:
        return False
