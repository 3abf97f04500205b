"""Verifying each model: whether it still gives its recorded prediction."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...base.indexes import AS_CONFIGURED, Indexes
from ...environments.spec import Manager
from ...run.isolated import RunOptions
from ...seal.choose import SealRequest
from ...seal.seals import Wanted
from ..forks import verify_unit
from ..results.causes import cause_of
from ..state.outcome import ModelOutcome
from ..verified import VerifiedModel
from ..work.unit import FleetUnit, Stopped, UnitSizes
from .pinned import pin_key
from .refused import refused

_MOST_DETAIL = 4_000
_DISAGREEING = "a fork and a fresh process disagree, which is a fault of modelenv"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTask:
    """The options of a verification, as plain values that can travel to another machine."""

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
    """Whether each model runs in a process of its own, instead of a fork of its unit's process."""

    @property
    def name(self) -> str:
        """The name of its command."""
        return "verify"

    @property
    def writes(self) -> bool:
        """False: nothing is changed."""
        return False

    @property
    def sizes(self) -> UnitSizes:
        """Models in forks share imported modules, and make larger units."""
        return UnitSizes(1) if self.fresh else UnitSizes()

    def said(self) -> Mapping[str, Any]:
        """Return all options on which a verdict depends."""
        return asdict(self)

    def options(self) -> RunOptions:
        """Return them as options of a run, with this machine's environment."""
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
        with closing(self._verified(unit)) as verified:  # the process of the forks ends with it
            for each in verified:
                yield _outcome(each, unit.pins)
                if stopped():
                    return

    def _verified(self, unit: FleetUnit) -> Generator[VerifiedModel, None, None]:
        options = self.options()
        if not self.fresh:
            yield from verify_unit(unit.models, options)
            return
        for model in unit.models:  # each is the only model of a unit
            yield from verify_unit([model], options)


def _outcome(verified: VerifiedModel, pins: str) -> ModelOutcome:
    verdict, path = verified.verdict, str(verified.folder)
    if verdict is None:
        assert verified.error is not None
        return refused(verified.folder, verified.error, pins, seconds=verified.cpu)
    differing = verified.disagreement
    further = {"disagreement": differing} if differing else {}
    return ModelOutcome(
        path=path,
        status=verdict.status,
        good=verified.good,
        cause=_DISAGREEING if differing else cause_of(verdict),
        reason=differing or verdict.reason,
        pins=pins,
        seconds=verdict.seconds,
        result={
            **verdict.to_json(),
            "detail": verdict.detail[-_MOST_DETAIL:],
            "how": verified.how,
            "cpu": verified.cpu,
            **further,
        },
    )
