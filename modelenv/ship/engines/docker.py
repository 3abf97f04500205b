"""Docker, whose client other builders imitate."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from ...base.settings import Settings
from .engine import BuildRequest, RunRequest
from .program import Program


@dataclass(frozen=True, slots=True)
class Docker:
    """The client of Docker, with the daemon that it speaks to."""

    settings: Settings
    name: str = "docker"
    copies_anew: bool = False

    @property
    def program(self) -> Program:
        """Return the program that does it."""
        return Program(self.name, self.settings)

    def refusal(self) -> str:
        """Return why it cannot be used: a client without a daemon is no builder."""
        return self.program.refusal("version", "--format", "{{.Server.Version}}")

    def identity(self, image: str) -> str:
        """Return the id of an image that is here; empty where it is not."""
        ended = self.program.run(["image", "inspect", "--format", "{{.Id}}", image])
        return ended.stdout.decode().strip() if ended.returncode == 0 else ""

    def build(self, request: BuildRequest) -> None:
        """Build by BuildKit, or by the builder before it. Raises ImageBuildError."""
        epoch = {"SOURCE_DATE_EPOCH": str(request.epoch)}
        words = ["build", *build_words(request), *request.options, str(request.context)]
        self.program.do(words, {**epoch, **request.arguments})

    def run(self, request: RunRequest) -> subprocess.CompletedProcess[bytes]:
        """Run the image's own command in a container with a read-only root."""
        return self.program.run(["run", *run_words(request)])

    def tag(self, image: str, name: str) -> None:
        """Give an image another name. Raises ImageBuildError."""
        self.program.do(["tag", image, name])

    def remove(self, image: str) -> None:
        """Take a name away."""
        self.program.run(["rmi", image])


def build_words(request: BuildRequest) -> Iterator[str]:
    """Yield the options of a build that all builders spell alike."""
    yield from ("--file", str(request.context / request.file), "--tag", request.name)
    yield "--force-rm"  # the containers of steps go, of one that failed too
    if request.platform is not None:
        yield from ("--platform", request.platform)
    if request.target is not None:
        yield from ("--target", request.target)


def run_words(request: RunRequest) -> Iterator[str]:
    """Yield the words behind ``run``: nothing stays of the container, and it writes nowhere."""
    yield from ("--rm", "--read-only", "--tmpfs", "/tmp")  # noqa: S108  # the container's
    if not request.network:
        yield from ("--network", "none")
    for path in request.mounts:
        yield from ("--volume", f"{path}:{path}:ro")
    yield from (request.image, *request.arguments)
