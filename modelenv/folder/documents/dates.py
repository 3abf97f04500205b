"""The dates in a model folder: when it was made, and as of when its packages were resolved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...base.indexes import ModelDates
from ...base.siblings import envfiles, resolver
from .names import LOCK
from .typed import Stated, text

MADE = "utc_time_created"
"""The key of MLmodel, shared with MLflow, for the time when the model was made."""
AS_OF = "as_of"
"""The key of our flavor for the date at which the packages were resolved."""


def read_dates(folder: Path, document: Mapping[str, Any]) -> ModelDates:
    """Return the dates that the files of a folder record; `document` is its MLmodel.

    The moment of resolution is in our flavor, or in the lock of a folder that another tool wrote.
    Raises BadFolderError, InvalidFile.
    """
    made, flavors = document.get(MADE), document.get("flavors")
    ours = flavors.get("modelenv") if isinstance(flavors, dict) else None
    if isinstance(ours, dict):
        said = Stated(ours, folder / "MLmodel", "flavors.modelenv").get(AS_OF, _moment, None)
    else:
        said = _locked_as_of(folder)
    return ModelDates(str(folder), _of_mlflow(made), said)


def _locked_as_of(folder: Path) -> datetime | None:
    written = envfiles.read_text(folder / LOCK, within=folder)
    if written is None or "as-of" not in written:
        return None
    file = folder / LOCK
    tool = envfiles.read_toml(written, file=str(file)).get("tool")
    ours = tool.get("modelenv") if isinstance(tool, dict) else None
    return Stated(ours, file, "tool.modelenv").get("as-of", _moment, None) if ours else None


def _moment(said: Stated) -> datetime:
    try:
        return resolver.read_moment(text(said))
    except resolver.MomentError as error:
        raise said.fault(f"{said.key}: {error}") from error


def _of_mlflow(made: object) -> datetime | None:
    """Return the time that MLflow wrote, in UTC without an offset; None: it is invalid."""
    try:
        found = made if isinstance(made, datetime) else datetime.fromisoformat(str(made))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)
