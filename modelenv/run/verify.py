"""Verify that a saved model still predicts what it did when it was saved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from ..base import arguments
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.files.scratch import scratch_folder
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.run_variables import HASH_SEED
from ..environments.spec import Manager, ReadyEnvironment
from ..folder.model_folder import ModelFolder
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..table.crossing.received import placed
from ..table.errors import UnfaithfulError
from ..worker.job import Ended
from ..worker.verdict import Repeatability, Verdict, judge
from .isolated import RunOptions, run_again, run_isolated


@door
def verify(
    folder: str | os.PathLike[str],
    *,
    env_manager: Manager = "auto",
    environment: str | os.PathLike[str] | None = None,
    python: str | os.PathLike[str] | None = None,
    pip_requirements_override: Requirements | None = None,
    lock: bool | str = False,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
) -> Verdict:
    """Predict on the recorded example in an environment that holds only the pins, and compare.

    The options are those of :func:`~modelenv.predict`; `python` runs it on another Python than the
    model's own: a version, as "3.14" or, for that very release, "3.14.2", or an interpreter. `lock`
    proves what a lock in the folder installs instead of the requirements: its pylock.toml, else the
    uv.lock that MLflow put there, or the one that you name. uv or pip builds the environment from
    its files, with their hashes. Raises BadFolderError, WrongUseError, LockRefusedError,
    CompiledCodeError if another Python compiled code that a pickle of it holds, and TargetChanged
    if somebody else changed the folder meanwhile, so that even repeated runs say nothing. A
    prediction that fails or differs is a verdict.
    """
    options = RunOptions(
        manager=env_manager,
        environment=environment,
        python=python,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        lock=lock,
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    return verify_again(folder, options)


def verify_again(folder: str | os.PathLike[str], options: RunOptions) -> Verdict:
    """Verify by `options`; if others change the folder meanwhile, do it again."""

    def verified(opened: ModelFolder) -> Verdict:
        return verify_folder(opened, options)

    return run_again(folder, verified, options.report)


def verify_folder(
    folder: ModelFolder, options: RunOptions, pins: Sequence[str] | None = None
) -> Verdict:
    """Verify by `options`, with other `pins` than the folder's if they are given."""
    verdict = _compare(folder, options, pins, folder.mlmodel.repeatability)
    if verdict.status != "differs" or folder.mlmodel.proof["status"] != "unproven":
        return verdict
    found = _repeatability(folder, options, pins)
    return verdict if found.deterministic else _compare(folder, options, pins, found)


def _compare(
    folder: ModelFolder,
    options: RunOptions,
    pins: Sequence[str] | None,
    repeatability: Repeatability,
) -> Verdict:
    job = folder.comparing_job(repeatability.skipped)
    ended, environment = run_isolated(folder, job, options, pins)
    verdict = judged(ended, environment, repeatability)
    return replace(verdict, lock=environment.lock)


def judged(ended: Ended, environment: ReadyEnvironment, repeatability: Repeatability) -> Verdict:
    """Return the verdict on a run that compared its prediction with the recorded one."""
    verdict = judge(ended, environment.label, repeatability)
    if (built := environment.built) is None:
        return replace(verdict, notes=(*verdict.notes, *environment.notes))
    return replace(verdict, built=asdict(built), notes=(*verdict.notes, *built.notes))


def _repeatability(
    folder: ModelFolder, options: RunOptions, pins: Sequence[str] | None
) -> Repeatability:
    """Return the parts that two processes agree on: without a proof none was asked before."""
    seeded = HASH_SEED in folder.mlmodel.variables
    one, other = ("", "") if seeded else ("1", "2")
    with scratch_folder() as scratch:
        output = scratch / "prediction"
        first = folder.job(folder.example, output=output, hash_seed=one)
        ended, _ = run_isolated(folder, first, options, pins)
        try:
            expected = placed(ended.report.last("output"), output)
        except UnfaithfulError:  # no other process can be asked, and the difference stays
            return Repeatability()
        second = folder.job(folder.example, expected=expected, hash_seed=other)
        ended, _ = run_isolated(folder, second, options, pins)
    return Repeatability.of(ended)
