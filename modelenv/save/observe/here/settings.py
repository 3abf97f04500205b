"""Settings of libraries that this process has, and the fresh one that ran the model had not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ....worker.report.library_settings import changed_settings

_CONTAINER = "sklearn.set_config(transform_output={})"
_WAY_OUT = "A model that needs such a setting makes it in its own code"


def settings_notes(there: Mapping[str, str], prediction: Mapping[str, Any]) -> Iterator[str]:
    """Yield a note if libraries are set otherwise here than they were in the model's run, `there`.

    What is here as in any fresh process is no matter: the model sets it otherwise by itself. Nor is
    the container of scikit-learn's transformers, if the `prediction` is an array of a value a row.

    >>> from decimal import localcontext
    >>> with localcontext() as context:
    ...     context.prec = 9
    ...     [note] = settings_notes({"decimal.getcontext().prec = {}": "28"}, {"type": "list"})
    >>> note[:66]
    'set in this process alone: decimal.getcontext().prec = 9 (else 28)'
    """
    unlike = [
        f"{how.format(value)} (else {there[how]})"
        for how, value in changed_settings().items()
        if there.get(how, value) != value and not (how == _CONTAINER and _is_of_values(prediction))
    ]
    if unlike:
        yield (
            f"set in this process alone: {', '.join(unlike)}; the model was run without, as it will"
            f" be elsewhere, so it may predict something else there than here. {_WAY_OUT}"
        )


def settings_hints(detail: str) -> Iterator[str]:
    """Yield what is set here of libraries in the traceback, `detail`, of a run that failed."""
    here = [
        how.format(value)
        for how, value in changed_settings().items()
        if how.partition(".")[0] in detail
    ]
    if here:
        yield f"This process has {', '.join(here)}; a fresh one has not. {_WAY_OUT}."


def _is_of_values(prediction: Mapping[str, Any]) -> bool:
    """Return whether a prediction, or that of each example, is an array of one dimension."""
    each = prediction.get("items", ()) if prediction["type"] == "examples" else (prediction,)
    return all(one["type"] == "ndarray" and len(one["shape"]) == 1 for one in each)
