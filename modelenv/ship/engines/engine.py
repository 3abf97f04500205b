"""The interface of an image builder."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """A build: a context, and how the image is called."""

    context: Path
    file: str = "Dockerfile"
    """The name of the Dockerfile in it."""
    name: str
    platform: str | None
    """As ``linux/arm64``; None: the builder's own."""
    target: str | None = None
    """The stage that is built; None: the last."""
    epoch: int
    """SOURCE_DATE_EPOCH: the time that the image says it was made at."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The build's variables; what they hold may be secret."""
    options: Sequence[str] = ()
    """Words that the builder is given as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A container that runs the image's own command with other arguments, and goes."""

    image: str
    arguments: Sequence[str]
    mounts: Sequence[str] = ()
    """Files and folders of this machine that are there, at the same path, to be read."""
    network: bool = False


class Engine(Protocol):
    """A program that builds images and runs them."""

    @property
    def name(self) -> str:
        """Return what the program is called."""

    @property
    def copies_anew(self) -> bool:
        """Return whether what a stage takes from another is copied even where nothing changed."""

    def refusal(self) -> str:
        """Return why it cannot be used here, in its own words; nothing where it can."""

    def identity(self, image: str) -> str:
        """Return the id of an image that is here; empty where it is not."""

    def build(self, request: BuildRequest) -> None:
        """Build an image. Raises ImageBuildError with what was printed last."""

    def run(self, request: RunRequest) -> subprocess.CompletedProcess[bytes]:
        """Run a container and return how it ended, with all that it printed."""

    def tag(self, image: str, name: str) -> None:
        """Give an image another name. Raises ImageBuildError."""

    def remove(self, image: str) -> None:
        """Take a name away, and the image where it was the last; nothing is said of a failure."""
