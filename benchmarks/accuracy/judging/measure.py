"""One case, one tool: capture, build elsewhere, predict, compare, count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from ..running.closure import never_loaded, read_installed, size
from ..tools.once import capture_once
from .fresh import Found, try_once
from .minimal import build_minimal, find_needed
from .score import Score, score

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from packaging.utils import NormalizedName

    from ..authors.source import Source
    from ..running.closure import Installed
    from ..running.environments import Builder, Environment
    from ..tools.tool import Spent, Tool


@dataclass(frozen=True, slots=True)
class Size:
    """How much an environment holds."""

    distributions: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a tool made of a case."""

    case: str
    tool: str
    stage: str | None
    """Where it stopped, `capture` among others; None where the prediction is reproduced."""
    error: str
    score: Score | None
    """None where no environment was built."""
    size: Size | None
    minimum: Size
    spent: Spent | None
    floor: Spent | None
    proof: str | None
    """What the tool's own proof said, of those that have one."""
    fresh: str | None
    """Where an unproven result stopped in the fresh environment: `reproduced` if nowhere."""
    notes: tuple[str, ...]
    guesses: tuple[str, ...] = ()
    """What came of proofs that were begun early, with an empty history and with one."""

    @property
    def reproduced(self) -> bool:
        return self.stage is None

    @property
    def exact(self) -> bool:
        return self.reproduced and self.score is not None and self.score.perfect

    @property
    def disagrees(self) -> bool:
        """Whether the tool's own proof and the fresh environment say different things."""
        proven = self.proof in {"reproduces", "runs"}
        return self.proof is not None and proven != (self.fresh == "reproduced")

    def to_json(self) -> dict[str, Any]:
        verdicts = {"reproduced": self.reproduced, "exact": self.exact}
        return {**verdicts, "disagrees": self.disagrees, **asdict(self)}


def measure(source: Source, tool: Tool, builder: Builder) -> Measurement:
    """Return what `tool` makes of a case; raises `BuildError` for an environment of our own."""
    needed = find_needed(source, builder, source.case.roots)
    minimal = build_minimal(source, builder, needed)
    captured, folder = capture_once(tool, source, builder)
    found: Found | None = None
    if not captured.failed or captured.proof:  # an unproven result is tried out too
        found = try_once(source, builder, captured, folder)
    judged = found if found and not captured.failed else None
    environment = judged.environment if judged else None
    code = [folder / captured.code] if captured.code else []
    there = read_installed(environment.site_packages, *code) if environment else {}
    return Measurement(
        case=source.case.name,
        tool=tool.name,
        stage="capture" if judged is None else judged.stage,
        error=captured.failed or (judged.error if judged else ""),
        score=_score(source, minimal, there, judged.loaded) if judged and environment else None,
        size=_size(there) if environment else None,
        minimum=_size(read_installed(minimal.site_packages)),
        spent=captured.spent,
        floor=captured.floor,
        proof=captured.proof,
        fresh=(found.stage or "reproduced") if found else None,
        notes=captured.notes,
        guesses=captured.guesses,
    )


def _score(
    source: Source, minimal: Environment, installed: Installed, loaded: tuple[str, ...]
) -> Score:
    edited = source.case.edited
    needed = _versions(read_installed(minimal.site_packages), edited)
    return score(needed, _versions(installed, edited), never_loaded(installed, loaded))


def _versions(installed: Installed, edited: Collection[NormalizedName]) -> Mapping[str, str]:
    """Return the versions by name; what was edited may travel under a local label."""
    versions = {name: Version(found.version) for name, found in installed.items()}
    return {
        name: version.public if name in edited else str(version)
        for name, version in versions.items()
    }


def _size(installed: Installed) -> Size:
    return Size(len(installed), sum(size(one) for one in installed.values()))
