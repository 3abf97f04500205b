"""Fetch wheels of pins without any file on this machine, from the image's own sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ...base.indexes import Indexes
from ...base.settings import Settings
from ...base.siblings import envfiles, resolver
from ...base.text import few
from ...environments.spec import Report, minor
from ...folder.model_folder import ModelFolder
from ...wheels.errors import NoWheelsError
from ...wheels.model_lock import ModelLock
from ...wheels.shelf import Shelf
from ...wheels.targets import PlatformTarget

Fetch = Callable[[Sequence[str]], tuple[Path, ...]]
"""A function that fetches the wheels of pins, given by their lines, and returns their paths."""


def fetching(
    folder: ModelFolder, platform: str, indexes: Indexes, settings: Settings, report: Report
) -> Fetch:
    """Return a function that fetches the wheels of a model's pins for a platform into the cache.

    Pins without a wheel, or with one that cannot be fetched, are left out; the installation reports
    them.
    """
    stated = folder.environment.python
    target = PlatformTarget.of(minor(stated), platform, stated)
    sources = folder.sources(settings.environment).with_indexes(indexes, report)
    shelf = Shelf(target, sources)

    def fetch(lines: Sequence[str]) -> tuple[Path, ...]:
        wanted = {envfiles.Entry(line).name for line in lines}
        try:
            choices = ModelLock(folder, shelf).choices()
            asked = [each for each in choices if each.name in wanted and each.wheels]
            if asked:
                report(f"fetching {few([each.name for each in asked])} to see what it links to")
            return shelf.fetched([each.first for each in asked])
        except (resolver.ResolverError, NoWheelsError) as error:
            report(f"not fetched: {error}")
            return ()

    return fetch
