"""MLflow's variables that forbid loading a model, which modelenv respects.

``MLFLOW_ALLOW_MODEL_CODE_EXECUTION=false`` (MLflow 3.18) refuses every model, since each names the
code that loads it; ``MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false`` refuses pickles, and files of
skops, whose trusted types the model itself names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...base.settings import ALLOWS_CODE, ALLOWS_PICKLES, Settings
from ..errors import LoadForbiddenError
from ..model_folder import ModelFolder
from .skops_types import skops_file


def check_allowed(folder: ModelFolder, settings: Settings, *, whole: bool = False) -> None:
    """Raise LoadForbiddenError if a variable forbids loading a model.

    With `whole` the recorded example and prediction will be read too. Raises WrongUseError for a
    variable that is neither true nor false.
    """
    if not settings.allows(ALLOWS_CODE):
        raise LoadForbiddenError(folder.path, ALLOWS_CODE, "loading a model runs its code")
    if settings.allows(ALLOWS_PICKLES):
        return
    for file in _pickles(folder, whole=whole):
        raise LoadForbiddenError(file, ALLOWS_PICKLES, "it is loaded as a pickle is")


def _pickles(folder: ModelFolder, *, whole: bool) -> Iterator[Path]:
    """Yield the files that are loaded as pickles, or by types that the model itself names."""
    yield from folder.pickles
    if whole and folder.ours:
        yield from sorted(folder.path.glob("*.pkl"))
    skops = skops_file(folder)
    yield from [] if skops is None else [skops]
