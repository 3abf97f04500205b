"""Reports of programs that audit, read as advisories.

They are the JSON of pip-audit (2.10), ``uv audit`` (0.13.9, a preview) and ``modelenv audit``. Such
a report says of versions that it names whether they are affected, and which releases are fixed. It
does not say which others are affected, so here these are all from the named version to the first
fixed one. If several are fixed, each stands for its own minor version alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from .advisory import Advisory, AffectedVersions, RangeEvent
from .ecosystems import PYPI, key_of, known_ecosystem, read_version, released_version

Range = tuple[RangeEvent, ...]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The findings of a program, and the versions of which it found nothing."""

    found: tuple[Advisory, ...]
    asked: frozenset[tuple[str, str]] | None = None
    """The keys (`key_of`) and versions, without local labels, of all that it was asked about; None:
    it does not say."""


def read_report(document: Any) -> AuditReport | None:
    """Return the report in a JSON document, or None if it is none of these."""
    if not isinstance(document, Mapping):
        return None
    dependencies, found = document.get("dependencies"), document.get("vulnerabilities")
    if isinstance(dependencies, list):
        asked = [each for each in _mappings(dependencies) if "vulns" in each]
        said = ({**one, **vuln} for one in asked for vuln in _mappings(one["vulns"]))
        keys = ((_key(each), str(each.get("version")).partition("+")[0]) for each in asked)
        return AuditReport(tuple(_iter_found(said)), frozenset(keys))
    summary = document.get("summary")
    if isinstance(found, list) and isinstance(summary, Mapping) and "audited_packages" in summary:
        said = ({**each, **_dependency(each)} for each in _mappings(found))
        return AuditReport(tuple(_iter_found(said)))
    if isinstance(document.get("vulnerable"), list):
        return AuditReport(tuple(_iter_found(_mappings(document["vulnerable"]))))
    return None


def _dependency(said: Mapping[str, Any]) -> Mapping[str, Any]:
    found = said.get("dependency")
    return found if isinstance(found, Mapping) else {}


def _mappings(values: object) -> list[Mapping[str, Any]]:
    listed = values if isinstance(values, list) else ()
    return [each for each in listed if isinstance(each, Mapping)]


def _texts(values: object) -> list[str]:
    """Return the texts in a list; none for anything else, since anybody may have written it."""
    listed = values if isinstance(values, list) else ()
    return [each for each in listed if isinstance(each, str) and each]


def _key(said: Mapping[str, Any]) -> str:
    return key_of(str(said.get("ecosystem") or PYPI), str(said.get("name")))


def _iter_found(findings: Iterable[Mapping[str, Any]]) -> Iterator[Advisory]:
    """Yield an advisory for each finding that names a version."""
    for said in findings:
        names = (*_texts([said.get("id")]), *_texts(said.get("ids")), *_texts(said.get("aliases")))
        ids = tuple(dict.fromkeys(names))
        ecosystem = known_ecosystem(str(said.get("ecosystem") or PYPI))
        if not ids or ecosystem is None or not _texts([said.get("name")]):
            continue
        name, version = str(said["name"]), str(said.get("version"))
        summary = str(said.get("summary") or said.get("description") or "").strip()
        fixed = _texts(said.get("fix_versions")) or _texts(said.get("fixed"))
        yield Advisory(
            id=ids[0],
            aliases=ids[1:],
            summary=summary.partition("\n")[0][:200],
            severity=str(said.get("severity") or ""),
            affected=(
                _affected(
                    canonicalize_name(name) if ecosystem == PYPI else name,
                    ecosystem,
                    version,
                    fixed,
                ),
            ),
        )


def _affected(name: str, ecosystem: str, version: str, fixed: Iterable[str]) -> AffectedVersions:
    try:
        named = released_version(ecosystem, version)
    except ValueError:
        return AffectedVersions(name, ecosystem, texts=frozenset({version}))
    fixes = sorted(each for each in _iter_versions(ecosystem, fixed) if each > named)
    ranges = tuple(_iter_ranges(named, fixes))
    return AffectedVersions(name, ecosystem, listed=frozenset({named}), ranges=ranges)


def _iter_versions(ecosystem: str, texts: Iterable[str]) -> Iterator[Any]:
    for each in texts:
        with suppress(ValueError):  # what is no version fixes nothing
            yield read_version(ecosystem, each)


def _iter_ranges(named: Any, fixes: Iterable[Any]) -> Iterator[Range]:
    """Yield the affected ranges: up to the first fix, then from behind each to the next.

    >>> found = _iter_ranges(Version("4.2.1"), [Version("4.2.9"), Version("5.0.4")])
    >>> [" ".join(f"{each.kind} {each.version}" for each in one) for one in found]
    ['introduced 4.2.1 fixed 4.2.9', 'introduced 4.3.dev0 fixed 5.0.4']
    """
    begin = named
    for fix in fixes:
        yield (RangeEvent("introduced", begin), RangeEvent("fixed", fix))
        begin = _behind(fix)
    if begin is named:  # nothing is fixed
        yield (RangeEvent("introduced", named),)


def _behind(fix: Any) -> Any:
    """Return where the minor version of a fix ends; another ecosystem has no such thing."""
    if not isinstance(fix, Version):
        return fix
    return Version(f"{fix.epoch}!{fix.major}.{fix.minor + 1}.dev0")
