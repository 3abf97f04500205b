"""What an image holds, as values: Dockerfiles and layers are two ways to write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..base.indexes import AS_CONFIGURED, Indexes

Installer = Literal["pip", "uv"]

ROOT = "/opt/modelenv"
MODEL = f"{ROOT}/model"
"""Where the model folder stands in an image."""
MODEL_ENVIRONMENT = f"{ROOT}/model-environment"
SERVER_ENVIRONMENT = f"{ROOT}/server-environment"
USER = 10001
"""The user and the group that everything runs as: numbers, so that no file of users changes."""
PORT = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOptions:
    """What is asked of an image, beside the model."""

    base: str | None = None
    """The image to stand on; None: the slim one of the model's Python."""
    platform: str | None = None
    """As ``linux/arm64``; None: this machine's architecture, on Linux."""
    server: bool = True
    """Whether the server stands in it too."""
    wheelhouse: bool = False
    """Whether every wheel travels in the context, and no index is asked."""
    installer: Installer = "pip"
    snapshot: str | None = None
    """As of when Debian's packages are taken, as ``20261101T000000Z``; None: as they are."""
    system_packages: tuple[str, ...] = ()
    """Debian packages besides those that the evidence asks for."""
    build_args: Mapping[str, str] = field(default_factory=dict)
    indexes: Indexes = AS_CONFIGURED


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPackage:
    """A Debian package that the image needs, and why."""

    package: str
    why: str
    """As ``libgomp.so.1 for lightgbm``, ``time zones, read by dateutil``."""
    seen: str = ""
    """The version in which it was seen on the author's machine; empty: not seen there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedEnvironment:
    """One of the two environments of an image: each file that is installed, with its hash."""

    name: Literal["model", "server"]
    lines: tuple[str, ...]
    """As pip reads them with --require-hashes: ``numpy==2.4.6 --hash=sha256:…``, sorted by name.

    What is no wheel of an index, as a wheel that travels, is a line of its version too: its file
    stands among the wheels.
    """
    options: tuple[str, ...] = ()
    """Where pip looks, as lines of a requirements file, without logins; none in a wheelhouse."""
    wheels: tuple[Path, ...] = ()
    """The files on this machine that travel in the context; all of them in a wheelhouse."""
    sources: tuple[str, ...] = ()
    """The names that have no wheel and are built from their source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlan:
    """All that an image is made of."""

    folder: Path
    """The model folder."""
    python: str
    """The minor version of the model's Python: ``3.11``."""
    base: str
    platform: str
    """As ``linux/amd64``."""
    model: LockedEnvironment
    server: LockedEnvironment | None
    """None: the image has no server."""
    packages: tuple[SystemPackage, ...]
    variables: Mapping[str, str]
    """What the recorded prediction ran with: PYTHONHASHSEED, numbers of threads."""
    labels: Mapping[str, str]
    """Of the model: its verdict, the digest of its lock (OCI annotations)."""
    needs: tuple[str, ...]
    """What whoever runs the image has to provide: paths to mount, hosts to reach, as sentences."""
    epoch: int
    """SOURCE_DATE_EPOCH: when the model was made, in seconds since 1970."""
    options: ImageOptions

    @property
    def environments(self) -> tuple[LockedEnvironment, ...]:
        """Return those that stand in the image, what changes least first."""
        return (self.model,) if self.server is None else (self.server, self.model)
