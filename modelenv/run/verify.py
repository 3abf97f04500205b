"""Verify that a saved model still predicts what it did when it was saved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ..base import arguments
from ..base.arguments import Requirements
from ..environments.managers import Manager
from ..folder.model_folder import ModelFolder
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker.verdict import Verdict, judge
from .isolated import RunOptions, run_isolated


def verify(
    folder: str | os.PathLike[str],
    *,
    env_manager: Manager = "auto",
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
) -> Verdict:
    """Predict on the recorded example in an environment that holds only the pins, and compare.

    The options are those of :func:`~modelenv.predict`. Raises BadFolderError and WrongUseError; a
    prediction that fails or differs is a verdict.
    """
    options = RunOptions(
        manager=env_manager,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
    )
    return verify_folder(ModelFolder.open(folder), options)


def verify_folder(
    folder: ModelFolder, options: RunOptions, pins: Sequence[str] | None = None
) -> Verdict:
    """Verify as `options` say, with other `pins` than the folder's where they are given."""
    job = folder.job(folder.example, expected=folder.prediction)
    ended, environment = run_isolated(folder, job, options, pins)
    return judge(ended, environment.label, deterministic=folder.mlmodel.deterministic)
