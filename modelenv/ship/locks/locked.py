"""Lock both environments of an image."""

from __future__ import annotations

from dataclasses import replace

from ...base.settings import Settings
from ...environments.spec import Report, silent
from ...folder.model_folder import ModelFolder
from ...pins.package_sources import PIP_CONFIGURATION, PackageSources
from ...wheels.locked_environment import LockedEnvironment
from ...wheels.locking import made_environment
from ...wheels.model_lock import ModelLock
from ...wheels.shelf import Shelf
from ...wheels.targets import PlatformTarget
from ..errors import of_image
from ..image import ImageOptions
from .server import ServerLock
from .tools import ToolsLock


@of_image()
def locked(
    folder: ModelFolder,
    options: ImageOptions,
    python: str,
    platform: str,
    report: Report = silent,
) -> tuple[LockedEnvironment, LockedEnvironment | None]:
    """Return the model's environment and the server's, for a Python on a platform.

    `python` is a minor version, as ``3.11``, the platform as ``linux/amd64``. The folder is not
    changed. Wheels that travel are in the cache, or in the folder's `wheels/`. Raises NoImageError
    if something cannot be installed there, SourceError, BuildError and the resolver's other errors.
    """
    stated = folder.environment.python
    target = PlatformTarget.of(python, platform, stated)
    environment = Settings.from_environment().environment
    sources = folder.sources(environment).with_indexes(options.indexes, report)
    shelf = Shelf(target, sources)
    # A server that cannot be installed is an error before anything is fetched.
    server_shelf = Shelf(target, _own_sources(options, report))
    serving = ServerLock(server_shelf).choices() if options.server else None
    choices = ModelLock(folder, shelf).choices()
    model = made_environment("model", choices, shelf, wheelhouse=options.wheelhouse)
    if serving is None:
        return model, None
    server = made_environment("server", serving, server_shelf, wheelhouse=options.wheelhouse)
    return model, server


@of_image()
def locked_tools(
    options: ImageOptions, python: str, platform: str, report: Report = silent
) -> LockedEnvironment | None:
    """Return the tools besides pip that install the environments, or None.

    Raises NoImageError if they cannot be found, and the errors of `locked`.
    """
    if options.installer == "pip":
        return None
    target = PlatformTarget.of(python, platform)
    shelf = Shelf(target, _own_sources(options, report))
    choices = ToolsLock(shelf).choices()
    return made_environment("tools", choices, shelf, wheelhouse=options.wheelhouse)


def _own_sources(options: ImageOptions, report: Report) -> PackageSources:
    """Return the sources of files that belong to no model: the user's own, as of today."""
    environment = Settings.from_environment().environment
    indexes = replace(options.indexes, as_of=None)
    return replace(PIP_CONFIGURATION, environment=environment).with_indexes(indexes, report)
