"""Whether the Python that a model is saved for can run what its pickles hold."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterable
from pathlib import Path

from ...environments.pythons.discovery import version_of
from ...environments.spec import minor
from ...folder.documents.code_by_value import CompiledCodeError, check_beside, check_code
from ..observe.capture import Captured
from .model import GivenModel
from .plan import SavePlan


def check_pickled(plan: SavePlan, model: GivenModel, folder: Path) -> None:
    """Raise CompiledCodeError where another Python is to run code that was pickled here.

    Where nothing is proven, only an interpreter that is named runs it now.
    """
    executable, version = plan.python.executable, plan.python.version
    if executable is not None:
        version = version_of(executable) or ""
    elif not plan.policy.prove:
        return
    if model.pickled_here:
        check_code(_pickles(folder), platform.python_version(), version)


def written_with(model: GivenModel, captured: Captured) -> str:
    """Return the Python that wrote a model's pickle; empty for a script.

    Of a pickle that a user hands in nobody says it: it is for the one that ran it.
    """
    if model.script is not None:
        return ""
    return platform.python_version() if model.pickled_here else captured.python.version


def check_target(
    pickles: Iterable[Path], written: str, version: str, *, prove: bool
) -> tuple[str, ...]:
    """Return what is to be noted of a model that another `version` of Python is to run.

    Raises CompiledCodeError where its pickles hold code by value, which that one cannot; where
    nothing is proven that is a warning.
    """
    if not written or not version or minor(written) == minor(version):
        return ()
    try:
        check_code(pickles, written, version)
    except CompiledCodeError as error:
        if prove:
            raise
        warnings.warn(str(error), stacklevel=5)
        return ()
    return (
        f"it was pickled by Python {written} and is for Python {version}: no code by value is in"
        " it, so that is no obstacle",
    )


def check_saved(plan: SavePlan, written: str, captured: Captured, folder: Path) -> tuple[str, ...]:
    """Return what `check_target` returns of all that was pickled into a folder.

    What its artifacts hold is for the Python that the prediction was recorded with.
    """
    version, prove = plan.python.version, plan.policy.prove
    notes = check_target(_pickles(folder), written, version, prove=prove)
    try:
        check_beside(folder, captured.python.version, version)
    except CompiledCodeError as error:
        if prove:
            raise
        warnings.warn(str(error), stacklevel=4)
        return ()
    return notes


def _pickles(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pkl"))
