"""The diagnosis of a failed run, and its repair."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from ..base import arguments
from ..base.doors import door
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.siblings import resolver
from ..environments.errors import BuildFailedError
from ..environments.interpreter import Python
from ..folder.documents.code_by_value import CompiledCodeError
from ..folder.model_folder import ModelFolder
from ..pins.package_sources import PIP_CONFIGURATION, PackageSources
from ..run.isolated import RunOptions, run_again
from ..run.verify import verify_folder
from ..worker.verdict import Verdict
from .context import Case, Knowledge, not_asked
from .diagnosis import Diagnosis
from .owners.said import Described
from .reading.chain import Raised
from .reading.failure import Failure
from .rules.missing import left_behind
from .rules.table import all_rules
from .rules.versions import diagnose_difference


@door
def diagnose(
    failure: str | Verdict,
    folder: str | os.PathLike[str] | None = None,
    *,
    index: bool = False,
    indexes: Indexes = AS_CONFIGURED,
) -> Diagnosis:
    """Return why a run failed: `failure` is a verdict, or what an error says, in any form.

    That is a traceback, a log of text or of JSON records, a chain of exceptions, or one line. With
    the model `folder` its trace and pins are looked at. `index` asks the index that pip is
    configured with whether it has a guessed distribution, and which extras the pins have that are
    not installed here; `indexes` override where it asks. Raises BadFolderError.

    >>> diagnose("ModuleNotFoundError: No module named 'cv2'").subject
    'opencv-python-headless'
    """
    if isinstance(failure, Verdict):
        return diagnose_verdict(failure, gather_knowledge(folder, index=index, indexes=indexes))
    arguments.text("failure", failure, "a verdict, or what an error says")
    return apply_rules(
        Failure.of_text(failure), gather_knowledge(folder, index=index, indexes=indexes)
    )


def diagnose_folder(
    folder: str | os.PathLike[str], how: RunOptions, *, index: bool = False
) -> tuple[Verdict, Diagnosis | None]:
    """Verify a model folder, and diagnose it if it fails. Raises as `verify` does.

    Code that another Python compiled is not run: that is a verdict here, and no CompiledCodeError.
    """

    def diagnosed(opened: ModelFolder) -> tuple[Verdict, Diagnosis | None]:
        try:
            verdict = try_to_verify(opened, how)
        except CompiledCodeError as error:
            verdict = _not_run(error)
        if verdict.good:
            return verdict, None
        return verdict, diagnose(verdict, folder, index=index, indexes=how.indexes)

    return run_again(folder, diagnosed, how.report)


def try_to_verify(
    folder: ModelFolder, how: RunOptions, pins: Sequence[str] | None = None
) -> Verdict:
    """Return the verdict; an environment that cannot be built is one, too."""
    try:
        return verify_folder(folder, how, pins)
    except BuildFailedError as error:
        if folder.is_changed:  # its sources may be gone by now
            raise
        lines = error.output.strip().splitlines()
        return Verdict(
            status="fails",
            where=f"an environment that {error.manager} could not build",
            reason=lines[-1].strip() if lines else "it said nothing",
            stage="build",
            detail=error.output,
        )


def _not_run(error: CompiledCodeError) -> Verdict:
    """Return the verdict on a model that was not run, for its code is another Python's."""
    return Verdict(
        status="fails",
        where=f"Python {error.python}, which was not started",
        reason=f"{error.file} holds code by value, compiled by Python {error.compiled}",
        stage="load",
    )


def gather_knowledge(
    folder: str | os.PathLike[str] | None,
    *,
    index: bool = False,
    indexes: Indexes = AS_CONFIGURED,
) -> Knowledge:
    """Return the facts that a diagnosis is based on."""
    installed = Python.current().installed()
    if folder is None:
        return Knowledge(installed=installed, has=index_has if index else not_asked)
    opened = ModelFolder.open(folder)
    if not index:
        return Knowledge.of_folder(opened, installed, not_asked)
    sources = opened.sources(Settings.from_environment().environment).with_indexes(indexes)
    known = Knowledge.of_folder(opened, installed, partial(index_has, sources=sources))
    return replace(known, describe=partial(_described, pins=known.pins, sources=sources))


def diagnose_verdict(verdict: Verdict, knowledge: Knowledge) -> Diagnosis:
    """Return why a verdict is not good."""
    if verdict.leaks:
        return _kept_back(verdict, knowledge)
    if verdict.status == "differs":
        return diagnose_difference(verdict, knowledge)
    return apply_rules(Failure.of_verdict(verdict), knowledge)


def apply_rules(failure: Failure, knowledge: Knowledge) -> Diagnosis:
    """Return the first rule's diagnosis; an unmatched failure is the model's own error."""
    case = Case(failure, knowledge)
    for check in all_rules():
        found = check(case)
        if found is not None:
            return found
    return _unknown(case)


def index_has(name: str, sources: PackageSources = PIP_CONFIGURATION) -> bool | None:
    """Return whether the configured index has a distribution; None if it does not answer."""
    try:
        configured = sources.configured(resolver.Target.current())
        return any(source.candidates(name) for source in configured)
    except resolver.ResolverError:
        return None


def _described(name: str, pins: Mapping[str, str], sources: PackageSources) -> Described | None:
    """Return the metadata of a pin on the configured index; None if it has or answers none."""
    with suppress(resolver.ResolverError):
        for source in sources.configured(resolver.Target.current()):
            for candidate in source.candidates(name):
                if str(candidate.version) == pins.get(name):
                    return source.metadata(candidate)
    return None


def _kept_back(verdict: Verdict, knowledge: Knowledge) -> Diagnosis:
    """Diagnose a run that needs something of this machine; the first need is treated first."""
    leak = verdict.leaks[0]
    network = leak.kind == "host"
    return Case(Failure.of_verdict(verdict), knowledge).diagnosis(
        "network" if network else "kept-back",
        f"the model needs {leak}",
        "network" if network else leak.owner.partition("==")[0] or leak.name,
        (verdict.reason,),
        edit="" if leak.by_path else leak.owner,
        remedy=leak.remedy if leak.by_path or not leak.owner else "",
    )


def _unknown(case: Case) -> Diagnosis:
    last = case.failure.last
    if last is None or not last.type:
        lines = case.failure.text.strip().splitlines()
        said = lines[-1].strip() if lines else "nothing"
        problem = f"nothing is known of what it says: {said}"
        return case.diagnosis("unknown", problem, "", _taken_out(case), certain=False)
    return case.diagnosis(
        "model-raised",
        f"the model itself raised {last}",
        last.type,
        (*_lines(last), *_taken_out(case)),
        remedy="look at that line, and at the input",
        certain=False,
    )


def _lines(raised: Raised) -> Iterator[str]:
    """Yield the innermost line of the model's own code, then the line that raised."""
    yield from dict.fromkeys((*raised.own_line, *raised.evidence[1:]))


def _taken_out(case: Case) -> Iterator[str]:
    """Yield the requirements that an edit removed since the last proof, each with the way back."""
    for name in case.known.removed:
        back = case.known.add_command(case.known.requirement(name))
        yield from (f"{line}; {back} brings it back" for line in left_behind(case, name))
