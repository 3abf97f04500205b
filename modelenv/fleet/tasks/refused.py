"""The outcome of a model that could not be examined."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...base.doors import as_ours
from ...base.errors import ModelenvError
from ...base.files.disk import with_way_out
from ...base.siblings import envfiles, resolver
from ..results.causes import alike
from ..state.outcome import ModelOutcome

REFUSALS = (ModelenvError, envfiles.EnvFilesError, resolver.ResolverError, OSError)
"""The errors that concern one model; others end the whole run."""


def refused(
    model: Path, error: BaseException, pins: str = "", *, seconds: float = 0.0
) -> ModelOutcome:
    """Return the outcome `error` of a model with its reason; the next run tries it again."""
    said = with_way_out(str(error), error)
    about = said.replace(f"{model}{os.sep}", "").replace(str(model), "the model")
    name = type(as_ours(error) if isinstance(error, Exception) else error).__name__
    return ModelOutcome(
        path=str(model),
        status="error",
        good=False,
        cause=alike(in_a_line(about)),
        reason=in_a_line(said),
        pins=pins,
        seconds=seconds,
        result={"error": {"type": name, "message": said}},
    )


def in_a_line(said: str) -> str:
    r"""Return the first line of a message, with the next one if the first only introduces it.

    >>> in_a_line("they clash:\n  numpy<2\n  numpy>=2")
    'they clash: numpy<2'
    """
    first, _, rest = said.partition("\n")
    return f"{first} {rest.strip().partition(chr(10))[0]}" if first.endswith(":") else first


def or_refused(model: Path, pins: str, make: Callable[[Path], ModelOutcome]) -> ModelOutcome:
    """Return `make` of a model, or its refusal."""
    try:
        return make(model)
    except REFUSALS as error:
        return refused(model, error, pins)
