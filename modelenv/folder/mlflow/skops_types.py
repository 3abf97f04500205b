"""The skops file in a folder of MLflow's, and the types that it may contain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BadFolderError
from ..mlmodel import FILE
from ..model_folder import ModelFolder

_FORMAT, _TRUSTED = "serialization_format", "skops_trusted_types"


def skops_file(folder: ModelFolder) -> Path | None:
    """Return the file of a model that skops wrote and its loader reads; None: another format."""
    said = _flavor(folder)
    name = said.get("pickled_model")
    is_skops = not folder.ours and said.get(_FORMAT) == "skops" and isinstance(name, str)
    return folder.path / str(name) if is_skops else None


def trusted_types(folder: ModelFolder) -> tuple[str, ...]:
    """Return the types that the model's author told skops to trust, beyond its defaults.

    Raises BadFolderError if MLmodel has no list of names there.
    """
    said = _flavor(folder).get(_TRUSTED) or []
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise BadFolderError(folder.path / FILE, f"its {_TRUSTED} is no list of names: {said!r}")
    return tuple(said)


def _flavor(folder: ModelFolder) -> Mapping[str, Any]:
    said = folder.flavors.get("sklearn")
    return said if isinstance(said, dict) else {}
