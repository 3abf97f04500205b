"""Remarks on a model that a reader should see first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..folder.documents.code_by_value import bound_to
from ..folder.documents.names import CODE
from .model_report import ModelReport

_UNTRACED = "needs are taken from the requirements and from metadata of what is installed here"


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark, and the things it applies to."""

    kind: str
    """`poor`: a fault; `fair`: needs attention; `note`: information."""
    title: str
    items: tuple[str, ...]


def iter_remarks(report: ModelReport) -> Iterator[Remark]:
    """Yield the remarks, the gravest first; a remark without items does not apply."""
    found, model = report.inspection, report.inspection.mlmodel
    commanding = found.pickles.commanding.items()
    named = tuple(f"{', '.join(names)} ({place})" for place, names in commanding)
    yield Remark("poor", "Missing", found.missing)
    yield Remark("poor", "Cannot be read", found.unreadable)
    yield Remark("poor", "The files disagree", found.disagreeing)
    yield Remark("poor", "Known to run code when it is loaded", named)
    front = tuple(f"{CODE}/{each}" for each in found.shadowing)
    yield Remark("poor", "In front of the standard library's own modules", front)
    if model is None:
        return
    yield Remark("fair", "Not traced", () if found.traced else (_UNTRACED,))
    given = tuple(f"{name}={value}" for name, value in model.variables.items())
    yield Remark("fair", "Hosts to be provided where it runs", model.allow_hosts)
    yield Remark("fair", "Paths to be provided where it runs", model.allow_paths)
    yield Remark("fair", "Not deterministic", tuple(model.not_compared))
    bound = (bound_to(model.pickled_with),) if model.code_by_value and model.pickled_with else ()
    yield Remark("fair", "For one Python alone", bound)
    yield Remark("fair", "Versions that no line pins", found.floating if not found.closed else ())
    yield Remark("note", "Environment variables of every run", given)
    yield Remark("note", "Resolved as of", (model.as_of,) if model.as_of else ())
    yield Remark("note", "Revived", model.revived)
    upgraded = () if model.upgraded is None else tuple(str(model.upgraded).splitlines())
    yield Remark("note", "Upgraded", upgraded)
    yield Remark("fair", "Not known", report.unknown)
