"""The choice of an environment for a model: a replica if possible, else a built one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ..base.errors import WrongUseError
from ..base.settings import Settings
from ..base.siblings import resolver
from ..seal.choose import AUTOMATIC, SealRequest
from ..seal.seals import Seal
from .errors import ManagerMissingError
from .spec import EnvironmentManager, EnvironmentRequest, Manager, ReadyEnvironment, Report, silent
from .uncached import UNSEALED as UNSEALED_LOCAL
from .uncached import UNSEALED_IMAGE, LocalManager, ReplicaManager

_UNSEALED: Mapping[Manager, str] = {"local": UNSEALED_LOCAL, "image": UNSEALED_IMAGE}
"""Managers that run unsealed unless a seal is requested by name, with the reason."""


@contextmanager
def opened(
    request: EnvironmentRequest,
    installed: resolver.Installed,
    settings: Settings,
    manager: Manager = "auto",
    report: Report = silent,
    seal: SealRequest = AUTOMATIC,
    pack: Path | None = None,
) -> Iterator[ReadyEnvironment]:
    """Yield the requested environment for the length of a block; what runs in it is sealed.

    `auto` is a replica if every pin is installed, else uv if it is found, else virtualenv; in an
    image the environment that was built into it; with a `pack` the one in that file, whatever the
    manager. `report` is called with the progress of slow steps. Raises WrongUseError,
    AnotherEnvironmentError and ManagerMissingError if `manager` cannot provide it,
    PythonMissingError, BuildFailedError if building failed, and SealUnavailableError.
    """
    chosen = _automatic(request, settings) if manager == "auto" and pack is None else manager
    unsealed = _UNSEALED.get(chosen) if seal.seal == "auto" else None
    kept = seal.chosen() if unsealed is None else Seal(kind="off", reason=unsealed)
    if unsealed is not None:
        report(f"not sealed: {unsealed}")
    if request.contents.lock is not None:
        made = _of_lock(chosen, request.contents.lock, settings)
    else:
        made = MANAGERS[chosen](installed, settings) if pack is None else _packed(pack, settings)
    with made.opened(request, kept, report) as environment:
        yield replace(environment, installed=installed)


def _automatic(request: EnvironmentRequest, settings: Settings) -> Manager:
    if request.contents.lock is not None:
        return builder(settings)
    if settings.image is not None:
        return "image"
    if request.distributions is not None and request.fits_here:
        return "replica"
    return builder(settings)


def builder(settings: Settings) -> Manager:
    """Return the default manager that builds environments: uv if it is found, else virtualenv."""
    return "uv" if settings.uv is not None else "virtualenv"


def _of_lock(chosen: Manager, lock: Path, settings: Settings) -> EnvironmentManager:
    """Return the manager that builds from a lock. Raises ManagerMissingError, WrongUseError."""
    from .builders.from_lock import UV_LOCK, lock_builder
    from .cached import CachingManager, default_cache

    needs_uv = chosen == "uv" or lock.name == UV_LOCK
    if needs_uv and settings.uv is None:
        raise ManagerMissingError("uv", ("uv",))
    if chosen not in ("uv", "virtualenv") or (needs_uv and chosen != "uv"):
        reads = "uv alone" if lock.name == UV_LOCK else "uv and pip"
        raise WrongUseError(
            f"{lock.name} is installed by {reads}, and the environment manager {chosen} was asked"
            f" for: choose uv{'' if lock.name == UV_LOCK else ' or virtualenv'}"
        )
    return CachingManager(lock_builder(chosen, lock, settings), default_cache(settings), settings)


def _uv(_: resolver.Installed, settings: Settings) -> EnvironmentManager:
    if settings.uv is None:
        raise ManagerMissingError("uv", ("uv",))
    from .builders.uv import Uv
    from .cached import CachingManager, default_cache

    return CachingManager(Uv(settings.uv, settings), default_cache(settings), settings)


def _virtualenv(_: resolver.Installed, settings: Settings) -> EnvironmentManager:
    from .builders.virtualenv import Virtualenv
    from .cached import CachingManager, default_cache

    return CachingManager(Virtualenv(settings), default_cache(settings), settings)


def _conda(_: resolver.Installed, settings: Settings) -> EnvironmentManager:
    from .builders import conda
    from .cached import CachingManager, default_cache

    program = conda.find_program(settings)
    if program is None:
        raise ManagerMissingError("conda", conda.PROGRAMS)
    return CachingManager(conda.Conda(program, settings), default_cache(settings), settings)


def _image(_: resolver.Installed, settings: Settings) -> EnvironmentManager:
    from .given.image import ImageManager

    return ImageManager(settings)


def _packed(pack: Path, settings: Settings) -> EnvironmentManager:
    from .given.packed import PackManager

    return PackManager.of(pack, settings)


# Builders are imported when they build: a replica needs none of them.
MANAGERS: Mapping[str, Callable[[resolver.Installed, Settings], EnvironmentManager]] = (
    MappingProxyType(
        {
            "replica": ReplicaManager,
            "uv": _uv,
            "virtualenv": _virtualenv,
            "conda": _conda,
            "local": lambda _, settings: LocalManager(settings),
            "image": _image,
        }
    )
)
"""Environment managers by name."""
