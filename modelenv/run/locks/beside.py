"""Comparison of the locks in a model's folder with its pins, shared by all that report it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...base.siblings import envfiles
from ...base.text import few
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder

UV_LOCK = "uv.lock"
_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LockBeside:
    """A lock beside the pins of a model, and its agreement with them."""

    file: str
    """Its name: ``pylock.toml``, or ``uv.lock`` if MLflow put the project of a model."""
    disagreeing: tuple[str, ...] = ()
    """Disagreements with the pins, a phrase each."""
    unreadable: tuple[str, ...] = ()
    """Reasons why it cannot be read."""
    remarks: tuple[str, ...] = ()
    """Parts that not all installers take, or that they do not check."""

    @property
    def note(self) -> str:
        """Return a warning about the lock for a run by the requirements; empty: none."""
        restores = ", from which MLflow's uv restores," if self.file == UV_LOCK else ""
        if self.unreadable:
            why = few(self.unreadable, _MOST)
            return f"{self.file}{restores} cannot be read, and the requirements count here: {why}"
        if not self.disagreeing:
            return ""
        otherwise = "says otherwise than the requirements, which count here"
        return f"{self.file}{restores} {otherwise}: {self.said}"

    @property
    def said(self) -> str:
        """The disagreements in a few words; empty if it agrees."""
        more = len(self.disagreeing) - _MOST
        further = f" and {more} more (modelenv inspect)" if more > 0 else ""
        return f"{'; '.join(self.disagreeing[:_MOST])}{further}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "file": self.file,
            "disagreeing": list(self.disagreeing),
            "unreadable": list(self.unreadable),
            "remarks": list(self.remarks),
        }


def iter_locks_beside(model: ModelFolder, *, plainly: bool = False) -> Iterator[LockBeside]:
    """Yield the locks in a folder, each compared with its pins; nothing is run, no index asked.

    `plainly`: one of ours whose text certainly has the pins is not read further. Raises InvalidFile
    if the pins themselves cannot be read.
    """
    if (model.path / LOCK).exists():
        yield _of_pylock(model, plainly=plainly)
    if (model.path / UV_LOCK).exists():
        yield _of_uv(model)


def lock_notes(model: ModelFolder) -> tuple[str, ...]:
    """Return a sentence for each lock that disagrees with the pins of a model that is run."""
    notes = (each.note for each in iter_locks_beside(model, plainly=True))
    return tuple(filter(None, notes))


def uv_project(model: ModelFolder) -> envfiles.UvProject | None:
    """Return the uv project beside a model; None if there is no readable one."""
    try:
        return envfiles.UvProject.read(model.path)
    except envfiles.InvalidFile:  # a fault that is reported of the lock
        return None


def _of_pylock(model: ModelFolder, *, plainly: bool) -> LockBeside:
    pins = model.pins
    try:
        text = envfiles.read_text(model.path / LOCK, within=model.path) or ""
        if plainly and envfiles.agrees_plainly(text, pins.entries):
            return LockBeside(file=LOCK)
        remarks = envfiles.read_pylock(text, file=LOCK).remarks
        environment = pins.target().markers
        faults = envfiles.lock_faults(model.path, environment, closed=pins.closed)
    except envfiles.InvalidFile as error:
        return LockBeside(file=LOCK, unreadable=tuple(map(str, error.faults)))
    except envfiles.PackagingTooOld as error:
        return LockBeside(file=LOCK, unreadable=(str(error),))
    return LockBeside(file=LOCK, disagreeing=tuple(map(str, faults)), remarks=remarks)


def _of_uv(model: ModelFolder) -> LockBeside:
    try:
        project = envfiles.UvProject.read(model.path)
    except envfiles.InvalidFile as error:
        return LockBeside(file=UV_LOCK, unreadable=tuple(map(str, error.faults)))
    assert project is not None
    pins = model.pins
    differing = project.against(pins.applicable(), pins.target().markers)
    alone = (
        "without its pyproject.toml MLflow's uv does not restore from it: it writes one that is no"
        " member of the lock"
    )
    return LockBeside(
        file=UV_LOCK,
        disagreeing=(*differing, *project.stale()),
        remarks=() if project.project is not None else (alone,),
    )
