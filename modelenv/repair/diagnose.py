"""Say why a run failed, and what mends it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from ..base import arguments
from ..base.settings import Settings
from ..base.siblings import resolver
from ..environments.errors import BuildFailedError
from ..environments.interpreter import Python
from ..folder.model_folder import ModelFolder
from ..pins.package_sources import PIP_CONFIGURATION, PackageSources
from ..run.isolated import RunOptions
from ..run.verify import verify_folder
from ..worker.verdict import Verdict
from .context import Case, Knowledge, not_asked
from .diagnosis import Diagnosis
from .failure import Failure
from .rules.table import RULES
from .rules.versions import differs


def diagnose(
    failure: str | Verdict,
    folder: str | os.PathLike[str] | None = None,
    *,
    index: bool = False,
) -> Diagnosis:
    r"""Say why a run failed: `failure` is a verdict, or a text that holds a traceback or a log.

    With the model `folder` its trace and pins are looked at. `index` asks the index that pip is
    configured with whether it has a distribution, where that is a guess. Raises BadFolderError.

    >>> diagnose("Traceback (most recent call last):\\n  File \\"a.py\\", line 1, in f\n"
    ...     "    import cv2\nModuleNotFoundError: No module named 'cv2'").subject
    'opencv-python-headless'
    """
    if not isinstance(failure, Verdict):
        arguments.text("failure", failure, "a verdict, or a text that holds a traceback or a log")
    knowledge = known(folder, index=index)
    if isinstance(failure, Verdict):
        return judge_verdict(failure, knowledge)
    return judge(Failure.of_text(failure), knowledge)


def diagnose_folder(
    folder: str | os.PathLike[str], how: RunOptions, *, index: bool = False
) -> tuple[Verdict, Diagnosis | None]:
    """Verify a model folder, and say why where it fails. Raises as `verify` does."""
    verdict = verify_or_say(ModelFolder.open(folder), how)
    return verdict, None if verdict.good else diagnose(verdict, folder, index=index)


def verify_or_say(
    folder: ModelFolder, how: RunOptions, pins: Sequence[str] | None = None
) -> Verdict:
    """Verify; an environment that cannot be built is a verdict, too."""
    try:
        return verify_folder(folder, how, pins)
    except BuildFailedError as error:
        lines = error.output.strip().splitlines()
        return Verdict(
            status="fails",
            where=f"an environment that {error.manager} could not build",
            reason=lines[-1].strip() if lines else "it said nothing",
            stage="build",
            detail=error.output,
        )


def known(folder: str | os.PathLike[str] | None, *, index: bool = False) -> Knowledge:
    """Gather what a failure is judged by."""
    installed = Python.current().installed()
    if folder is None:
        return Knowledge(installed=installed, has=index_has if index else not_asked)
    opened = ModelFolder.open(folder)
    if not index:
        return Knowledge.of_folder(opened, installed, not_asked)
    places = opened.sources(Settings.from_environment().environment)
    return Knowledge.of_folder(opened, installed, partial(index_has, places=places))


def judge_verdict(verdict: Verdict, knowledge: Knowledge) -> Diagnosis:
    """Say why a verdict is not good."""
    if verdict.status == "differs":
        return differs(verdict, knowledge)
    return judge(Failure.of_verdict(verdict), knowledge)


def judge(failure: Failure, knowledge: Knowledge) -> Diagnosis:
    """Apply the rules; what none of them knows is the model's own affair."""
    case = Case(failure, knowledge)
    for check in RULES:
        found = check(case)
        if found is not None:
            return found
    return _unknown(failure)


def index_has(name: str, places: PackageSources = PIP_CONFIGURATION) -> bool | None:
    """Ask the index that places and pip are configured with; None where it does not answer."""
    try:
        sources = places.configured(resolver.Target.current())
        return any(source.candidates(name) for source in sources)
    except resolver.ResolverError:
        return None


def _unknown(failure: Failure) -> Diagnosis:
    last = failure.last
    if last is None:
        lines = failure.text.strip().splitlines()
        said = lines[-1] if lines else "nothing"
        return Diagnosis(
            rule="unknown",
            problem=f"there is no traceback in it; it ends with: {said}",
            stage=failure.stage,
            certain=False,
        )
    frames = [frame for frame in last.frames if not frame.file.startswith("<frozen")]
    return Diagnosis(
        rule="model-raised",
        problem=f"the model itself raised {last}",
        subject=last.type,
        stage=failure.stage,
        evidence=(f"{frames[-1].place}: {frames[-1].code}",) if frames else (),
        remedy="look at that line, and at the input",
        certain=False,
    )
