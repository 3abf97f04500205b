"""Verify each model: whether it still gives its recorded prediction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...base.indexes import AS_CONFIGURED, Indexes
from ...environments.spec import Manager
from ...run.isolated import RunOptions
from ...run.verify import verify_again
from ...seal.choose import SealRequest
from ...seal.seals import Wanted
from ...worker.verdict import Verdict
from ..forks import verify_unit
from ..results.causes import cause_of
from ..state.outcome import ModelOutcome
from ..work.unit import FleetUnit, Stopped, UnitSizes
from .pinned import pin_key
from .refused import REFUSALS, refused

_MOST_DETAIL = 4_000
_DISAGREEING = "a fork and a fresh process disagree, which is a fault of modelenv"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTask:
    """How each model is verified: plain values, so that it can travel to another machine."""

    manager: Manager = "auto"
    python: str | None = None
    override: str | tuple[str, ...] | None = None
    timeout: float = 600.0
    memory: int | None = None
    allow_changed: bool = False
    seal: Wanted = "auto"
    allow_hosts: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()
    indexes: Indexes = AS_CONFIGURED
    fresh: bool = False
    """Whether each runs in a process of its own, and none in a fork of one that serves its unit."""

    @property
    def name(self) -> str:
        """The word of its command."""
        return "verify"

    @property
    def writes(self) -> bool:
        """Nothing is changed."""
        return False

    @property
    def sizes(self) -> UnitSizes:
        """Whom a fork serves share what it has imported."""
        return UnitSizes(1) if self.fresh else UnitSizes()

    def said(self) -> Mapping[str, Any]:
        """Return all that a verdict depends on besides the model."""
        return asdict(self)

    def options(self) -> RunOptions:
        """Return them as a run takes them, with what this machine's environment says."""
        return RunOptions(
            manager=self.manager,
            python=self.python,
            timeout=self.timeout,
            memory=self.memory,
            override=self.override,
            allow_changed=self.allow_changed,
            seal=SealRequest.read(self.seal, self.allow_hosts, self.allow_paths),
            indexes=self.indexes,
        )

    def pins(self, folder: Path) -> str:
        """Return the key of a model's pin set."""
        return pin_key(folder)

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield the verdict on each model of a unit."""
        options = self.options()
        if self.fresh:
            for model in unit.models:
                if stopped():
                    return
                try:
                    yield _outcome(model, verify_again(model, options), unit.pins)
                except REFUSALS as error:
                    yield refused(model, error, unit.pins)
            return
        for verified in verify_unit(unit.models, options):
            if verified.verdict is None:
                assert verified.error is not None
                yield refused(verified.folder, verified.error, unit.pins, seconds=verified.cpu)
            else:
                yield _outcome(
                    verified.folder,
                    verified.verdict,
                    unit.pins,
                    disagreement=verified.disagreement,
                    how=verified.how,
                )
            if stopped():
                return


def _outcome(
    model: Path, verdict: Verdict, pins: str, *, disagreement: str = "", how: str = "fresh"
) -> ModelOutcome:
    said = verdict.to_json()
    good = verdict.good and not disagreement
    return ModelOutcome(
        path=str(model),
        status=verdict.status,
        good=good,
        cause=_DISAGREEING if disagreement else cause_of(verdict),
        reason=disagreement or verdict.reason,
        pins=pins,
        seconds=verdict.seconds,
        result={
            **said,
            "detail": verdict.detail[-_MOST_DETAIL:],
            "how": how,
            **({"disagreement": disagreement} if disagreement else {}),
        },
    )
