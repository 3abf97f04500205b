"""podman and buildah: builders without a daemon."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from .docker import Docker, build_words
from .engine import BuildRequest, RunRequest


@dataclass(frozen=True, slots=True)
class Podman(Docker):
    """podman; its own variables and files decide where it keeps images and how it isolates."""

    name: str = "podman"
    copies_anew: bool = True

    def refusal(self) -> str:
        """Return why it cannot be used, such as that it cannot reach its store or its machine."""
        return self.program.refusal("info")

    def build(self, request: BuildRequest) -> None:
        """Build in Docker's format, since OCI's has no HEALTHCHECK. Raises ImageBuildError."""
        words = ["build", "--format", "docker", "--layers", "--timestamp", str(request.epoch)]
        words += [*build_words(request), *request.options, str(request.context)]
        self.program.do(words, request.arguments)


@dataclass(frozen=True, slots=True)
class Buildah(Podman):
    """buildah, which needs no privileges if it isolates by chroot alone."""

    name: str = "buildah"

    def run(self, request: RunRequest) -> subprocess.CompletedProcess[bytes]:
        """Run the image's own command in a container; buildah needs it spelled out."""
        container = self.program.do(["from", "--pull-never", request.image]).decode().split()[-1]
        mounts = [word for path in request.mounts for word in ("--volume", f"{path}:{path}:ro")]
        try:
            command = [*self._entrypoint(request.image), *request.arguments]
            return self.program.run(["run", *mounts, container, "--", *command])
        finally:
            self.program.run(["rm", container])

    def identity(self, image: str) -> str:
        """Return the id of a local image; empty if there is none."""
        words = ["inspect", "--type", "image", "--format", "{{.FromImageID}}", image]
        ended = self.program.run(words)
        return ended.stdout.decode().strip() if ended.returncode == 0 else ""

    def _entrypoint(self, image: str) -> list[str]:
        found = json.loads(self.program.do(["inspect", "--type", "image", image]))
        entrypoint: list[str] = found["OCIv1"]["config"].get("Entrypoint") or []
        return entrypoint
