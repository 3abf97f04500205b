"""The sources that the user's pip would use."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..index.cache import HttpCache
from ..index.credentials import Logins
from ..index.fetcher import Fetcher
from ..index.http.watch import Watch
from ..index.option_lines import apply_options, formats_of
from ..index.pip_config import remembered_options
from ..index.session import Access
from ..local_files import path_of
from ..requirements.references import without_credentials
from ..settings import IndexSettings
from .direct import DirectSource
from .index import IndexSource, LinksPage
from .wheels import NO_INDEX, MissingPlace, NoIndex, WheelFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..index.pip_config import PipOptions
    from ..requirements.lines import OptionLike
    from ..target import Target
    from .protocol import Source


def configured_sources(
    target: Target,
    urls: Mapping[str, str] | None = None,
    *,
    python: str = sys.executable,
    options: Iterable[OptionLike] = (),
    settings: IndexSettings | None = None,
    offline: bool = False,
) -> tuple[Source, ...]:
    """Build the sources that pip of `python` would use, that for the user's own `urls` first.

    `options` are those of requirements files, and override pip's configuration. pip's constraints
    limit what these sources offer, not what is installed. Its `uploaded-prior-to` does the same,
    unless the `settings` have a date. Raises `ConfigurationError`, `MomentError`.
    """
    settings = settings or IndexSettings.from_environment()
    cache = HttpCache(settings.cache, tell=settings.tell)
    asked = tuple(options)
    said = apply_options(remembered_options(python, cache, settings.pip), asked)
    access = Access(_fetcher(said, settings, offline=offline), cache)
    formats = formats_of(said, asked)
    limits = _limits(said.constraints, target)
    narrowed: dict[str, Any] = {"limits": limits, "formats": formats}
    dated = _dated(settings, said)
    folders: list[Source] = [
        _links_at(each, target, access, dated, **narrowed) for each in said.find_links
    ]
    apart = settings.strategy == "unsafe-first-match"
    groups = [(url,) for url in said.indexes] if apart else [said.indexes]
    every = settings.strategy == "unsafe-best-match"
    indexes: list[Source] = [
        IndexSource(group, target, access, every=every, **dated, **narrowed)
        for group in filter(None, groups)
    ]
    if not indexes:
        indexes.append(NoIndex(_forbidder(asked)))
    return (DirectSource(urls or {}, target, access), *folders, *indexes)


def _links_at(
    location: str, target: Target, access: Access, dated: Mapping[str, Any], **narrowed: Any
) -> Source:
    """Return what a place of links has: a folder, or a page, on this machine or another."""
    here = path_of(location) or Path(location)
    if here.is_dir():
        return WheelFolder(here, target, **narrowed)
    is_elsewhere = "://" in location and path_of(location) is None
    if is_elsewhere or here.is_file():
        url = location if "://" in location else here.absolute().as_uri()
        return LinksPage(url, target, access, **dated, **narrowed)
    return MissingPlace(without_credentials(location))


def configured_options(
    python: str = sys.executable,
    settings: IndexSettings | None = None,
    options: Iterable[OptionLike] = (),
) -> PipOptions:
    """Return what pip of `python` would install with. Raises `ConfigurationError`.

    It is for another installer, which does not read pip's configuration. It may hold logins.
    `options` are those of requirements files, and override pip's configuration.
    """
    settings = settings or IndexSettings.from_environment()
    known = remembered_options(python, HttpCache(settings.cache), settings.pip)
    return apply_options(known, options)


def index_forbidden_by(
    options: Iterable[OptionLike] = (),
    settings: IndexSettings | None = None,
    python: str = sys.executable,
) -> str:
    """Return who forbids to ask any index: an option, or pip's configuration; empty: nobody.

    Raises `ConfigurationError`.
    """
    asked = tuple(options)
    return "" if configured_options(python, settings, asked).indexes else _forbidder(asked)


def _forbidder(options: Iterable[OptionLike]) -> str:
    is_asked = any(each.name == NO_INDEX for each in options)
    return NO_INDEX if is_asked else "no-index of pip's configuration"


def configured_fetcher(
    python: str = sys.executable,
    *,
    options: Iterable[OptionLike] = (),
    settings: IndexSettings | None = None,
) -> Fetcher:
    """Return what fetches files as pip of `python` would. Raises `ConfigurationError`."""
    settings = settings or IndexSettings.from_environment()
    return _fetcher(configured_options(python, settings, options), settings, offline=False)


def _dated(settings: IndexSettings, said: PipOptions) -> Mapping[str, Any]:
    """Return the moment that ends the receipt of files, and who set it, if no caller did."""
    if settings.as_of is not None or not said.uploaded_prior_to:
        return {"as_of": settings.as_of}
    from ..moments import read_pip_moment  # few are configured so

    moment = read_pip_moment(said.uploaded_prior_to)
    return {"as_of": moment, "said_by": "uploaded-prior-to of pip"}


def _fetcher(options: PipOptions, settings: IndexSettings, *, offline: bool) -> Fetcher:
    tuning = {"attempts": options.retries, "timeout": options.timeout}
    return Fetcher(
        certificates=options.certificates,
        proxies={"http": options.proxy, "https": options.proxy} if options.proxy else None,
        trusted=options.trusted_hosts,
        offline=offline,
        bounds=settings.bounds,
        watch=Watch(settings.tell),
        logins=Logins((*options.indexes, *options.find_links), settings.netrc),
        **{key: value for key, value in tuning.items() if value is not None},  # type: ignore[arg-type]
    )


def _limits(
    constraints: Iterable[tuple[str, str]], target: Target
) -> dict[str, tuple[SpecifierSet, str]]:
    """Join pip's constraints by name."""
    joined: dict[str, tuple[SpecifierSet, str]] = {}
    for text, place in constraints:
        asked = Requirement(text)
        if target.admits(asked.marker):
            name = canonicalize_name(asked.name)
            before = joined.get(name, (SpecifierSet(), ""))[0]
            joined[name] = (before & asked.specifier, f"the constraint {place} of pip")
    return joined
