"""Docker, whose command line other builders imitate."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from ...base.settings import Settings
from .engine import BuildRequest, RunRequest
from .program import Program


@dataclass(frozen=True, slots=True)
class Docker:
    """Docker's client, with the daemon that it talks to."""

    settings: Settings
    name: str = "docker"
    copies_anew: bool = False

    @property
    def program(self) -> Program:
        """Return docker as a program with its variables."""
        return Program(self.name, self.settings)

    def refusal(self) -> str:
        """Return why it cannot be used: a client without a daemon cannot build."""
        return self.program.refusal("version", "--format", "{{.Server.Version}}")

    def identity(self, image: str) -> str:
        """Return the id of a local image; empty if there is none."""
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
        """Remove a name."""
        self.program.run(["rmi", image])


def build_words(request: BuildRequest) -> Iterator[str]:
    """Yield the options of a build that all builders have in common."""
    yield from ("--file", str(request.context / request.file), "--tag", request.name)
    yield "--force-rm"  # removes the containers of steps, including a failed one
    if request.platform is not None:
        yield from ("--platform", request.platform)
    if request.target is not None:
        yield from ("--target", request.target)


def run_words(request: RunRequest) -> Iterator[str]:
    """Yield the words after ``run``: the container is removed, and writes only to /tmp."""
    yield from ("--rm", "--read-only", "--tmpfs", "/tmp")  # noqa: S108  # the container's
    if not request.network:
        yield from ("--network", "none")
    for path in request.mounts:
        yield from ("--volume", f"{path}:{path}:ro")
    yield from (request.image, *request.arguments)
