"""The interface of an image builder."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """A build: a context, and the name of the image."""

    context: Path
    file: str = "Dockerfile"
    """The name of the Dockerfile in the context."""
    name: str
    platform: str | None
    """The platform, as ``linux/arm64``; None for the builder's own."""
    target: str | None = None
    """The stage to build; None for the last one."""
    epoch: int
    """SOURCE_DATE_EPOCH: the time that the image states as its creation."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The build's variables, whose values may be secret."""
    options: Sequence[str] = ()
    """Words that are passed on to the builder unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A temporary container that runs the image's own command with other arguments."""

    image: str
    arguments: Sequence[str]
    mounts: Sequence[str] = ()
    """Files and folders of this machine that are mounted read-only, at the same path."""
    network: bool = False


class Engine(Protocol):
    """A program that builds images and runs them."""

    @property
    def name(self) -> str:
        """Return the name of the program."""

    @property
    def copies_anew(self) -> bool:
        """Return whether files from another stage are copied again even if nothing changed."""

    def refusal(self) -> str:
        """Return why it cannot be used here, in its own words; empty if it can."""

    def identity(self, image: str) -> str:
        """Return the id of a local image; empty if there is none."""

    def build(self, request: BuildRequest) -> None:
        """Build an image. Raises ImageBuildError with the end of the output."""

    def run(self, request: RunRequest) -> subprocess.CompletedProcess[bytes]:
        """Run a container and return how it ended, with all of its output."""

    def tag(self, image: str, name: str) -> None:
        """Give an image another name. Raises ImageBuildError."""

    def remove(self, image: str) -> None:
        """Remove a name, and the image with its last name; a failure is ignored."""
