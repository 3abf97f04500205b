"""Trials if no diagnosis leads on: distributions the model had to do with that no pin has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...worker.verdict import Verdict
from ..diagnosis import Diagnosis
from ..evidence.import_graph import ImportGraph
from ..owners.candidates import candidates

# Failures that no requirement mends.
_OTHERWISE = frozenset(
    {
        "conflict",
        "damaged-file",
        "disk-full",
        "incomplete-python",
        "network",
        "no-such-version",
        "not-built",
        "numpy-abi",
        "other-system",
        "out-of-memory",
        "permission",
        "python-version",
        "time-out",
    }
)


@dataclass(frozen=True, slots=True)
class Trial:
    """Requirements that may help."""

    lines: tuple[str, ...]
    what: str
    """The distributions, in words."""


def last_resorts(
    graph: ImportGraph, verdict: Verdict, diagnosis: Diagnosis, pins: Sequence[str]
) -> Iterator[Trial]:
    """Yield the trials, the most promising first; none if requirements cannot help.

    `pins` are the requirements of the failing verdict. Each distribution is in one trial.
    """
    own_code = diagnosis.rule == "missing-own-code" and diagnosis.certain
    if own_code or diagnosis.rule in _OTHERWISE:
        return
    met = {canonicalize_name(Requirement(line).name) for line in pins}
    for what, lines in _sources(graph, verdict, frozenset(met)):
        new = {canonicalize_name(Requirement(line).name): line for line in lines}
        left = tuple(line for name, line in new.items() if name not in met)
        met |= new.keys()
        if left:
            yield Trial(left, what)


def _sources(
    graph: ImportGraph, verdict: Verdict, pins: frozenset[str]
) -> Iterator[tuple[str, Iterable[str]]]:
    mlmodel = graph.folder.mlmodel
    yield (
        "which the failure points to",
        candidates(verdict, graph.installed, pins, graph.attribution),
    )
    yield (
        "which an edit of the folder took out",
        [f"{name}=={version}" for name, version in mlmodel.removed.items()],
    )
    yield "which the trace saw in use", graph.traced
    yield "which was left out when the model was saved", mlmodel.left_out
    seen = (item.distribution.name for item in graph.attribution.of_kind("optional"))
    yield "which libraries looked for", seen
