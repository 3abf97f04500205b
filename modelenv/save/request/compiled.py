"""Check that the target Python can run the code in a model's pickles."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...environments.pythons.discovery import version_of
from ...environments.spec import minor
from ...folder.documents.code_by_value import CompiledCodeError, bound_to, check_beside, check_code
from ..observe.capture import Captured
from .model import GivenModel
from .plan import SavePlan


def check_pickled(plan: SavePlan, model: GivenModel, folder: Path) -> None:
    """Raise CompiledCodeError if the target Python cannot run code that was pickled here.

    Without a proof this is checked only for a named interpreter, which runs the code at once.
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

    A pickle that the user hands in does not say; the Python that ran it is assumed.
    """
    if model.script is not None:
        return ""
    return platform.python_version() if model.pickled_here else captured.python.version


def check_target(
    pickles: Iterable[Path], written: str, version: str, *, prove: bool
) -> tuple[str, ...]:
    """Return a note on a model that another `version` of Python is going to run.

    Raises CompiledCodeError if its pickles hold code by value, which that version cannot run;
    without a proof that is only a warning.
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
        f"it was pickled by Python {written} and is for Python {version}: it holds no code by"
        " value, so that is no obstacle",
    )


def check_saved(plan: SavePlan, written: str, captured: Captured, folder: Path) -> tuple[str, ...]:
    """Return the notes of `check_target` on all pickles in a folder, and one on code by value.

    Artifacts are for the Python that recorded the prediction.
    """
    version, prove = plan.python.version, plan.policy.prove
    notes = check_target(_pickles(folder), written, version, prove=prove)
    notes = (*notes, *iter_bound(captured, written))
    try:
        check_beside(folder, captured.python.version, version)
    except CompiledCodeError as error:
        if prove:
            raise
        warnings.warn(str(error), stacklevel=4)
        return ()
    return notes


def iter_bound(captured: Captured, written: str) -> Iterator[str]:
    """Yield a note if the model's pickle holds code by value, which the Python `written` made."""
    if written and captured.named.holds_code:
        yield bound_to(written)


def _pickles(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pkl"))
