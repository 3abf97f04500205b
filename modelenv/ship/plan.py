"""Plan an image from a model folder and the requested options."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ..base import VERSION
from ..base.settings import Settings
from ..base.text import visible
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..wheels.locked_environment import LockedEnvironment
from ..wheels.targets import PlatformTarget, this_platform
from .dockerfile import check_base, check_snapshot, lock_text
from .errors import NoImageError, of_image
from .image import ImageOptions, ImagePlan, SystemPackage

_REGISTRY = "docker.io/library"
"""Written with its registry: podman and buildah search none by default."""
_SERVES_FROM = (3, 10)
_OLDEST = datetime(1980, 1, 1, tzinfo=timezone.utc)


def planned(
    folder: ModelFolder,
    options: ImageOptions,
    report: Report = silent,
    release: str | None = None,
) -> ImagePlan:
    """Return the plan of a model's image; nothing is built, and the folder is not changed.

    The Debian `release` of its base follows from the base's name, unless it is given. Raises
    NoImageError for a model that cannot be put into an image, and the errors of locking.
    """
    from .locks.locked import locked, locked_tools
    from .system.fetching import fetching
    from .system.packages import system_needs

    python = minor_version(folder)
    check_server(python, options)
    platform = platform_of(options)
    tools = locked_tools(options, python, platform, report)
    locks = locked(folder, options, python, platform, report)
    found = system_needs(
        folder,
        platform,
        report,
        base=base_of(python, options),
        release=release,
        wheels=locks[0].wheels,
        fetch=fetching(folder, platform, options.indexes, Settings.from_environment(), report),
    )
    plan = plan_of(folder, options, locks, found.packages, found.needs)
    return replace(plan, tools=tools)


def plan_of(
    folder: ModelFolder,
    options: ImageOptions,
    locks: tuple[LockedEnvironment, LockedEnvironment | None],
    packages: Iterable[SystemPackage] = (),
    needs: Iterable[str] = (),
) -> ImagePlan:
    """Return the plan of an image with these environments, Debian packages, and needs."""
    model, server = locks
    python = minor_version(folder)
    base = base_of(python, options)
    asked = [SystemPackage(package=each, why="asked for") for each in options.system_packages]
    return ImagePlan(
        folder=folder.path,
        python=python,
        base=base,
        platform=platform_of(options),
        model=model,
        server=server if options.server else None,
        packages=(*packages, *asked),
        variables=folder.mlmodel.variables,
        labels=labels(folder, base, model),
        needs=(*iter_needs(folder), *needs),
        epoch=int(made(folder).timestamp()),
        options=options,
    )


def base_of(python: str, options: ImageOptions) -> str:
    """Return the base image: the requested one, or the slim image of the model's Python."""
    return f"{_REGISTRY}/python:{python}-slim" if options.base is None else options.base


def minor_version(folder: ModelFolder) -> str:
    """Return the minor version of the model's Python: ``3.11``. Raises NoImageError."""
    found = re.match(r"(\d+\.\d+)", folder.environment.python)
    if found is None:
        reason = "its environment files name no version of Python"
        raise NoImageError(str(folder.path), reason, "state one in python_env.yaml")
    return found[1]


def check_server(python: str, options: ImageOptions) -> None:
    """Raise NoImageError if the model's Python is too old for the server."""
    if options.server and tuple(map(int, python.split("."))) < _SERVES_FROM:
        least = ".".join(map(str, _SERVES_FROM))
        raise NoImageError(
            f"Python {python}",
            f"in an image the server has the model's version of Python, and needs {least}",
            "make an image without the server: --no-server --no-verify",
        )


def platform_of(options: ImageOptions) -> str:
    """Return the requested platform in short form: for arm64, version 8 is implied."""
    return (options.platform or this_platform()).removesuffix("/v8")


def made(folder: ModelFolder) -> datetime:
    """Return the time in MLmodel when a model was made; without one, a time in 1980."""
    try:
        found = datetime.fromisoformat(folder.mlmodel.created)
    except ValueError:
        return _OLDEST
    known = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    return max(known, _OLDEST)


def labels(folder: ModelFolder, base: str, model: LockedEnvironment) -> dict[str, str]:
    """Return the labels of the model: OCI's annotations, and our own."""
    name = folder.path.name
    return {
        "org.opencontainers.image.title": name,
        "org.opencontainers.image.created": made(folder).isoformat(timespec="seconds"),
        "org.opencontainers.image.version": folder.mlmodel.uuid,
        "org.opencontainers.image.base.name": base,
        "modelenv.version": VERSION,
        "modelenv.python": folder.environment.python,
        "modelenv.lock.sha256": hashlib.sha256(lock_text(model).encode()).hexdigest(),
        "modelenv.proof": folder.mlmodel.proof["status"],
    }


def iter_needs(folder: ModelFolder) -> Iterator[str]:
    """Yield a sentence for each thing that a user of the image has to provide."""
    for path in folder.mlmodel.allow_paths:
        option = shlex.quote(f"{path}:{path}:ro")
        yield in_a_line(f"mount {path}, which the model reads: -v {option}")
    for host in folder.mlmodel.allow_hosts:
        yield in_a_line(f"let it reach {host}, which the model asks")


def describe(plan: ImagePlan) -> str:
    """Return the content of an image in one line."""
    pins = f"{len(plan.model.lines)} pins"
    server = f", {len(plan.server.lines)} for the server" if plan.server else ", no server"
    return f"{plan.base} for {plan.platform}, {pins}{server}"


def iter_facts(plan: ImagePlan) -> Iterator[str]:
    """Yield the Debian packages of an image with their reasons, and what has to be provided."""
    for each in plan.packages:
        yield f"{each.package}: {each.why}"
    yield from plan.needs
    for name in plan.secrets:
        yield f"{name} is in no file, since it holds a login: the build needs --build-arg {name}"


def check_options(options: ImageOptions) -> None:
    """Raise NoImageError for options that every builder would refuse, before any work."""
    if options.base is not None:
        check_base(options.base)
    if options.snapshot is not None:
        check_snapshot(options.snapshot)
    with of_image():
        PlatformTarget.of("3.11", platform_of(options))


def in_a_line(text: str) -> str:
    """Return an untrusted text on one line, with invisible characters escaped."""
    return visible(text).replace("\n", "\\n")


def plan_as_json(plan: ImagePlan) -> dict[str, Any]:
    """Return a plan as JSON-serialisable data."""
    packages = [
        {"package": each.package, "why": each.why, "seen": each.seen or None}
        for each in plan.packages
    ]
    return {
        "base": plan.base,
        "platform": plan.platform,
        "python": plan.python,
        "model_lock": list(plan.model.lines),
        "server_lock": list(plan.server.lines) if plan.server else None,
        "system_packages": packages,
        "labels": dict(plan.labels),
        "needs": list(plan.needs),
    }
