"""Variables in requirement lines: values are used for look-ups, and only names are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..base.siblings import envfiles, resolver

_REFERENCE = re.compile(r"[\w.\-\[\], ]+@\s*(?P<url>\S+)")


def as_written(
    resolution: resolver.Resolution,
    asked: Mapping[str, str],
    environment: Mapping[str, str],
    options: Iterable[str] = (),
) -> resolver.Resolution:
    """Return a resolution without the values of variables.

    `asked` are the lines by the names that they require, and `options` further ones, as they were
    written.
    """
    texts = (*asked.values(), *options)
    if not any("${" in text for text in texts):
        return resolution
    known = envfiles.Variables.of(texts, environment)
    pins = []
    for pin in resolution.pins:
        url = known.written(pin.url, _url(asked.get(pin.name, ""))) if pin.url else pin.url
        files = (replace(each, url=known.hide(each.url)) for each in pin.artifacts)
        pins.append(replace(pin, url=url, artifacts=tuple(files)))
    notes = tuple(map(known.hide, resolution.notes))
    return replace(resolution, pins=tuple(pins), notes=notes)


def _url(line: str) -> str:
    found = _REFERENCE.match(line)
    return found["url"] if found else ""
