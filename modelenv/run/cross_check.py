"""Second opinions on a model's pins: what the index has, and what pip reads as installed."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.siblings import resolver
from ..base.text import few
from ..folder.model_folder import ModelFolder
from ..pins.pin_set import pinned_versions
from ..worker.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """The result of asking another tool about the pins."""

    who: str
    """The one that was asked: ``index``, ``pip``."""
    asked: int
    """The number of pins."""
    against: tuple[str, ...]
    """A sentence for each pin that the other tool contradicts."""
    remarks: tuple[str, ...] = ()
    """Remarks on pins: that they were yanked, or their projects archived."""
    harmful: tuple[str, ...] = ()
    """The pins whose projects are in quarantine, for which nothing may be built or run."""

    @property
    def good(self) -> bool:
        """Whether no pin is contradicted."""
        return not self.against

    def __str__(self) -> str:
        """Return one line, or one for each contradicted pin; then the remarks."""
        agrees = f"agrees on all that was asked ({self.asked})"
        said = (*(self.against or (agrees,)), *self.remarks)
        return "\n".join(f"{self.who}: {each}" for each in said)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        against, remarks = list(self.against), list(self.remarks)
        return {"asked": self.asked, "against": against, "remarks": remarks}


def ask_index(
    folder: str | os.PathLike[str],
    sources: Sequence[resolver.FileSource] | None = None,
    *,
    indexes: Indexes = AS_CONFIGURED,
    lock: bool | str = False,
) -> CrossCheck:
    """Ask whether the index has a file for each pin that should come from it.

    These are all pins but URLs and those in the folder's ``wheels/``; with a `lock`, as `verify`
    takes it, those of the lock. `sources` are asked; None: those of the folder's options and of
    pip's configuration, which `indexes` override. Withdrawn pins and archived or deprecated
    projects are remarks: the index still has the pin. Raises WrongUseError, InvalidFile, and the
    resolver's errors if the index does not answer.
    """
    model = ModelFolder.fetched(folder)
    environment = Settings.from_environment().environment
    package_sources = model.sources(environment).with_indexes(indexes)
    if lock:
        from .locks.chosen import locked_versions

        named = locked_versions(model, lock)
    else:
        named = pinned_versions(model.pins.applicable())
    _, pins = package_sources.split(named)
    found = package_sources.find(pins, model.pins.target(), sources)
    had = (each for each in found.standings if each.name in found.files)
    remarks = tuple(said for each in had for said in each.remarks)
    harmful = (f"{e.name}=={e.version}" for e in found.standings if e.status.is_quarantined)
    return CrossCheck(
        who="index",
        asked=len(pins),
        against=found.missing,
        remarks=remarks,
        harmful=tuple(harmful),
    )


def not_run(opinion: CrossCheck) -> Verdict | None:
    """Return the verdict that an index's quarantine leads to, without a run; None: it has none."""
    if not opinion.harmful:
        return None
    one = len(opinion.harmful) == 1
    said = f"{few(opinion.harmful)} {'is' if one else 'are'} in quarantine on the index, as harmful"
    return Verdict(
        status="fails",
        where="no environment",
        reason=f"{said}: nothing was built or run. modelenv requirements replaces a pin",
    )


def ask_pip(folder: str | os.PathLike[str]) -> CrossCheck:
    """Ask pip which versions of the pinned distributions are installed here.

    Replicas are made of what was read as installed. If pip reads something else, they differ from
    the user's environment. Raises WrongUseError, InvalidFile, and PipCheckError if there is no pip
    to ask.
    """
    pins = pinned_versions(ModelFolder.fetched(folder).pins.applicable())
    said = resolver.installed_according_to_pip(sys.executable)
    names = [pin.name for pin in pins]
    found = resolver.differences(resolver.Installed.current(), said, names)
    return CrossCheck(who="pip", asked=len(pins), against=tuple(map(str, found)))
