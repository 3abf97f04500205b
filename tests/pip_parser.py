"""pip's own parser of requirement lines: its private names stand here alone.

What pip refuses is None. Nothing is built or fetched.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

DEFAULT_INDEX = "https://default"


@dataclass(frozen=True)
class Asked:
    """What one line asks for."""

    name: str | None
    """None where pip would have to build it to learn its name."""
    specifier: SpecifierSet
    extras: frozenset[str]
    marker: str
    url: str | None
    is_constraint: bool
    editable: bool
    hashes: frozenset[str]
    settings: frozenset[str]


@dataclass(frozen=True)
class Read:
    """What a file says."""

    asked: tuple[Asked, ...]
    indexes: tuple[str, ...]
    find_links: tuple[str, ...]


def skip_without_pip(oldest: str = "26.0") -> None:
    """Skip where pip is not installed, or takes other options."""
    pytest.importorskip("pip", minversion=oldest)


def logical_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that count, each with the number of its first one."""
    req_file = pytest.importorskip("pip._internal.req.req_file")
    return [(number, line.strip()) for number, line in req_file.preprocess(text)]


def texts(file: Path | str) -> list[tuple[str, frozenset[str]]]:
    """Return the requirements of a file, constraints apart, as they stand, each with its hashes."""
    req_file = pytest.importorskip("pip._internal.req.req_file")
    session = pytest.importorskip("pip._internal.network.session").PipSession()
    return [
        (parsed.requirement.strip(), _hashes(parsed.options or {}))
        for parsed in req_file.parse_requirements(str(file), session=session)
        if not parsed.constraint
    ]


def read(file: Path | str) -> Read | None:
    """Read a requirements file, and those that it names, with the variables of this process."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            return _read(str(file))
        except (Exception, SystemExit):  # noqa: BLE001  # whatever pip raises, it refuses
            return None


def formats(file: str) -> tuple[set[str], set[str]]:
    """Return the names whose wheels, and those whose source distributions, a file refuses."""
    finder = _finder()
    list(_parsed(file, finder))
    return finder.format_control.no_binary, finder.format_control.only_binary


def _finder() -> Any:
    from pip._internal.index.collector import LinkCollector
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.models.search_scope import SearchScope
    from pip._internal.models.selection_prefs import SelectionPreferences
    from pip._internal.network.session import PipSession

    scope = SearchScope.create([], [DEFAULT_INDEX], no_index=False)
    return PackageFinder.create(
        link_collector=LinkCollector(session=PipSession(), search_scope=scope),
        selection_prefs=SelectionPreferences(allow_yanked=False),
    )


def _parsed(file: str, finder: Any) -> Any:
    from pip._internal.network.session import PipSession
    from pip._internal.req.req_file import parse_requirements

    return parse_requirements(file, session=PipSession(), finder=finder)


def _read(file: str) -> Read:
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_install import check_invalid_constraint_type

    finder, asked = _finder(), []
    for parsed in _parsed(file, finder):
        made = install_req_from_parsed_requirement(parsed)
        if parsed.constraint and check_invalid_constraint_type(made):
            raise ValueError(file)
        asked.append(_asked(parsed, made))
    return Read(tuple(asked), tuple(sorted(finder.index_urls)), tuple(sorted(finder.find_links)))


def _asked(parsed: Any, made: Any) -> Asked:
    options = parsed.options or {}
    settings = options.get("config_settings") or {}
    return Asked(
        name=made.req.name if made.req else None,
        # Of a wheel pip says the version of its name again.
        specifier=SpecifierSet(str(made.req.specifier) if made.req and not made.link else ""),
        extras=frozenset(map(canonicalize_name, made.extras)),
        marker=str(made.markers or ""),
        url=made.link.url if made.link else None,
        is_constraint=parsed.constraint,
        editable=parsed.is_editable,
        hashes=_hashes(options),
        settings=frozenset(
            f"{key}={each}"
            for key, value in settings.items()
            for each in (value if isinstance(value, list) else [value])
        ),
    )


def _hashes(options: dict[str, Any]) -> frozenset[str]:
    found = options.get("hashes", {})
    return frozenset(f"{kind}:{each}" for kind in found for each in found[kind])
