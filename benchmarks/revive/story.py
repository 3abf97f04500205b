"""The parts of an old folder, and the expected result of reviving it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """One old model: how it is made today, and what is expected of `revive`."""

    name: str
    wrong: str
    """What is wrong with it, for people."""
    python: str
    """The minor line that it is made with."""
    states: str
    """The Python that the folder states: a patch of its time, whatever makes it today."""
    written: str
    """The day it would have been written on, at 09:30 UTC: nothing newer is installed for it."""
    maker: str
    """The script in `inside`, and its function."""
    installed: tuple[str, ...]
    """Requirements of the environment that makes it; the rest follows from the day."""
    build: tuple[str, ...] = ()
    """Which of them are built from source: no wheel is for this Python."""
    setuptools: str = ""
    """The number that Anaconda's setuptools says of itself, where it is another."""
    model: str = "model"
    options: tuple[str, ...] = ()
    """What its owner would tell `modelenv revive` beside the model; files stand in the folder."""
    rules: tuple[str, ...] = ()
    """What `modelenv revive` has to tell beside the date and the Python: the rules' names there."""
    changes: tuple[str, ...] = ()
    """Distributions whose pinned version cannot be had: only these may change."""
    key: str = ""
    """The library whose every minor line is searched for the newest set; empty: none is."""
    verdict: str = "runs"
    """What `revive` says: *reproduces* needs a prediction that the folder itself holds."""

    @property
    def moment(self) -> str:
        """The moment it would have been written at, as RFC 3339 has it."""
        return f"{self.written}T09:30:00Z"
