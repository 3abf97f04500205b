"""Verify the models of one unit: those that share a pin set."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..base.errors import ModelenvError
from ..base.siblings import envfiles, resolver
from ..run.isolated import RunOptions
from ..run.verify import verify_again
from .verified import VerifiedModel


def verify_unit(
    models: Sequence[str | os.PathLike[str]], options: RunOptions
) -> Iterator[VerifiedModel]:
    """Yield what comes of verifying each of `models`, as it is known, in any order.

    They are up to a hundred folders that share a pin set.
    """
    for model in models:
        yield _fresh(Path(model), options)


def _fresh(folder: Path, options: RunOptions) -> VerifiedModel:
    began = _spent()
    try:
        verdict = verify_again(folder, options)
    except (ModelenvError, envfiles.EnvFilesError, resolver.ResolverError, OSError) as error:
        return VerifiedModel(folder=folder, error=error, cpu=_spent() - began)
    return VerifiedModel(folder=folder, verdict=verdict, cpu=_spent() - began)


def _spent() -> float:
    """Return the seconds of processors that this process and its ended children took."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)
