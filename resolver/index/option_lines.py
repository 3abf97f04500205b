"""Option lines of requirements files, applied to pip's own configuration."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from ..requirements.per_name_options import FORMATS, ByName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..requirements.lines import OptionLike
    from .pip_config import PipOptions


def apply_options(configured: PipOptions, options: Iterable[OptionLike]) -> PipOptions:
    """Apply option lines to pip's configuration with pip's precedence.

    `--index-url` replaces every configured index, of several the last one counts; an extra index is
    asked before those, as a private name must not be answered by a public index.
    """
    values: dict[str, list[str]] = {}
    for option in options:
        values.setdefault(option.name, []).append(option.value)
    indexes = configured.indexes
    if "--index-url" in values:
        indexes = (values["--index-url"][-1],)
    indexes = (*values.get("--extra-index-url", ()), *indexes)
    if "--no-index" in values:
        indexes = ()
    return replace(
        configured,
        indexes=tuple(dict.fromkeys(indexes)),
        find_links=(*map(_at_home, configured.find_links), *values.get("--find-links", ())),
        trusted_hosts=(*configured.trusted_hosts, *values.get("--trusted-host", ())),
    )


def _at_home(location: str) -> str:
    """Expand a ``~`` in pip's configuration; in requirements files pip gives it no meaning."""
    meant = os.path.expanduser(location) if location.startswith("~") else location  # noqa: PTH111
    return meant if os.path.exists(meant) else location  # noqa: PTH110  # URLs are no paths


def formats_of(configured: PipOptions, options: Iterable[OptionLike]) -> ByName:
    """Return the kinds of files that may be taken; option lines come last and win."""
    before = zip(FORMATS, (configured.no_wheels, configured.no_sources), strict=True)
    lines = ((each.name, each.value) for each in options if each.name in FORMATS)
    return ByName((*before, *lines))
