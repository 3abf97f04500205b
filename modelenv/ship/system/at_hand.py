"""Find files of pins on this machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...base.settings import Settings
from ...base.siblings import resolver
from ...environments.cached import default_cache
from ...environments.interpreter import Python


def iter_environments(lines: Collection[str], settings: Settings) -> Iterator[resolver.Installed]:
    """Yield this environment's distributions, then those of each cached one with these lines."""
    here = Python.current()
    yield here.installed()
    for each in default_cache(settings).entries():
        if each.complete and set(lines) <= set(each.requirements):
            sites = (*each.folder.glob("*/lib/python3*/site-packages"),)
            target = resolver.Target(here.markers, None)
            yield resolver.Installed(map(str, sites), target)
