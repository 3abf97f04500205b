"""Choose a builder: the one that is named, or the first that works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from ...base.settings import Settings
from ..errors import NoEngineError
from .buildah import Buildah, Podman
from .docker import Docker
from .engine import Engine

EngineName = Literal["docker", "podman", "buildah"]
ENGINES: Mapping[str, Callable[[Settings], Engine]] = MappingProxyType(
    {"docker": Docker, "podman": Podman, "buildah": Buildah}
)
"""The builders in the order in which they are tried."""


def choose(settings: Settings, wanted: EngineName | None = None) -> Engine:
    """Return the builder to use. Raises NoEngineError with the reason against each one."""
    refusals = {}
    for name in ENGINES if wanted is None else (wanted,):
        engine = ENGINES[name](settings)
        refusals[name] = engine.refusal()
        if not refusals[name]:
            return engine
    raise NoEngineError(refusals)
