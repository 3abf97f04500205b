"""The index that the user's pip is configured with: pip is asked, in a process of its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import getproxies

from ..errors import ConfigurationError
from .direct import DirectSource
from .fetch import Fetcher
from .index import IndexSource
from .wheels import WheelFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..target import Target
    from . import Source

_BUILT_IN = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
# Later ones win, as in pip: the file's common section, that of the command, PIP_* variables.
_SECTIONS = ("global", "install", ":env:")


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold what pip would use to install."""

    indexes: tuple[str, ...] = ()
    """Extra indexes first, as a private name must not be answered by a public index."""

    find_links: tuple[str, ...] = ()
    certificates: str | None = None
    proxy: str | None = None


def configured_sources(
    target: Target, urls: Mapping[str, str] | None = None, *, python: str = sys.executable
) -> tuple[Source, ...]:
    """Build the sources that pip of `python` would use, that for the user's own `urls` first.

    Raises `ConfigurationError`.
    """
    settings = ask_pip(python)
    proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else getproxies()
    fetcher = Fetcher(certificates=settings.certificates, proxies=proxies)
    folders: list[Source] = [
        WheelFolder(each, target)
        if Path(each).is_dir()
        else IndexSource(each, target, fetcher, flat=True)
        for each in settings.find_links
    ]
    return (
        DirectSource(urls or {}, target, fetcher),
        *folders,
        *(IndexSource(each, target, fetcher) for each in settings.indexes),
    )


def ask_pip(python: str) -> Settings:
    """Ask pip which index, folders, certificates and proxy it uses. Raises `ConfigurationError`."""
    options = parse_options(_run(python, "-m", "pip", "config", "list"))
    indexes: tuple[str, ...] = ()
    if options.get("no-index", "").lower() not in {"1", "true", "yes", "on"}:
        main = options.get("index-url") or _run(python, "-c", _BUILT_IN).strip()
        indexes = (*options.get("extra-index-url", "").split(), main)
    return Settings(
        indexes=indexes,
        find_links=tuple(options.get("find-links", "").split()),
        certificates=options.get("cert") or None,
        proxy=options.get("proxy") or None,
    )


def parse_options(listing: str) -> dict[str, str]:
    r"""Read what `pip config list` prints, the section that wins for each option.

    >>> parse_options("global.timeout='9'\n:env:.timeout='60'")
    {'timeout': '60'}
    """
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listing.splitlines():
        key, equals, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if equals and section in found:
            found[section][option] = str(ast.literal_eval(value))
    return {option: value for section in _SECTIONS for option, value in found[section].items()}


def _run(python: str, *arguments: str) -> str:
    done = subprocess.run(
        [python, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise ConfigurationError(python, said[-1])
    return done.stdout
