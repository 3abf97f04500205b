"""What is said of a model of which nothing could be found out."""

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
"""What is an answer about one model, and no fault that ends all."""


def refused(
    model: Path, error: BaseException, pins: str = "", *, seconds: float = 0.0
) -> ModelOutcome:
    """Return that nothing could be found out of a model, and why; the next run tries it again."""
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
    r"""Return the first line of a message, with the next one where it only leads to that.

    >>> in_a_line("they clash:\n  numpy<2\n  numpy>=2")
    'they clash: numpy<2'
    """
    first, _, rest = said.partition("\n")
    return f"{first} {rest.strip().partition(chr(10))[0]}" if first.endswith(":") else first


def or_refused(model: Path, pins: str, make: Callable[[Path], ModelOutcome]) -> ModelOutcome:
    """Return what is made of a model, or why nothing is."""
    try:
        return make(model)
    except REFUSALS as error:
        return refused(model, error, pins)
