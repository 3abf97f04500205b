"""An advisory in the OSV format: which versions of which packages it affects.

The format is that of https://ossf.github.io/osv-schema. Ecosystems whose versions can be compared
are read: PyPI (PEP 440), and those of the packages that wheels contain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from packaging.utils import canonicalize_name

from .ecosystems import PYPI, key_of, known_ecosystem, read_version, released_version
from .severity import severity_of

_NO_SECURITY = ("ALBA-", "ALEA-", "RLBA-", "RLEA-")
"""Id prefixes of AlmaLinux and Rocky Linux notices that concern no security."""
_NOTICES = ("unmaintained", "notice")
"""Kinds of RustSec notices that report no vulnerability."""
_KINDS = ("introduced", "fixed", "last_affected", "limit")
_ZERO = "0"
"""The value of `introduced` that stands for all versions, pre-releases of 0 included."""
_NO_LIMIT = "*"


@dataclass(frozen=True, slots=True)
class RangeEvent:
    """A version at which a range begins or ends."""

    kind: Literal["introduced", "fixed", "last_affected", "limit"]
    version: Any
    """A version that compares by its ecosystem's order. None is below all versions for
    `introduced`, and above all for `limit`."""


@dataclass(frozen=True, slots=True)
class AffectedVersions:
    """The versions of one package that are affected."""

    name: str
    """Its name, normalised (PEP 503) if it is of PyPI."""
    ecosystem: str = PYPI
    listed: frozenset[Any] = frozenset()
    texts: frozenset[str] = frozenset()
    """Listed versions that are invalid in their ecosystem, as written."""
    ranges: tuple[tuple[RangeEvent, ...], ...] = ()
    unread: tuple[str, ...] = ()
    """Reasons why some entries cannot be compared with a version."""

    def has(self, version: str) -> bool:
        """Return whether a version is affected: it is listed, or lies in a range.

        A local version (``2.5.1+cu121``) counts as the release that it was built from.
        """
        try:
            released = released_version(self.ecosystem, version)
        except ValueError:
            return version in self.texts
        listed = released in self.listed
        return listed or any(_lies_in(released, events) for events in self.ranges)

    def fixes(self, version: str) -> tuple[str, ...]:
        """Return the fixed versions above `version`, the lowest first."""
        try:
            released = released_version(self.ecosystem, version)
        except ValueError:
            return ()
        fixed = (
            event.version for events in self.ranges for event in events if event.kind == "fixed"
        )
        return tuple(map(str, sorted({each for each in fixed if each and each > released})))

    @property
    def key(self) -> str:
        """The lookup key of the package."""
        return key_of(self.ecosystem, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """A published vulnerability of some versions."""

    id: str
    aliases: tuple[str, ...] = ()
    """Its other names: a CVE, or its identifier in another database."""
    summary: str = ""
    severity: str = ""
    """`low`, `medium`, `high` or `critical`; empty if the advisory does not say."""
    withdrawn: str = ""
    """The time when it was withdrawn; empty if it is in force."""
    affected: tuple[AffectedVersions, ...] = field(default=(), repr=False)

    @property
    def names(self) -> frozenset[str]:
        """Its identifier and its aliases."""
        return frozenset((self.id, *self.aliases))


def read_advisory(document: Any) -> Advisory | None:
    """Return the advisory in an OSV document, or None if the document has no id.

    Documents that are no matter of security affect nothing: other updates of a system's packages,
    notices that a crate is unmaintained. Ecosystems that are not read are left out. Entries of the
    other ecosystems that cannot be interpreted are kept in `unread` and reported, since they may
    concern a pin.
    """
    if not isinstance(document, Mapping) or not _text(document.get("id")):
        return None
    affected = tuple(_iter_affected(document))
    return Advisory(
        id=_text(document["id"]),
        aliases=tuple(filter(None, map(_text, _items(document.get("aliases"))))),
        summary=_summary(document),
        severity=severity_of(document),
        withdrawn=str(document.get("withdrawn") or ""),
        affected=affected,
    )


def _iter_affected(document: Mapping[str, Any]) -> Iterator[AffectedVersions]:
    if _text(document["id"]).startswith(_NO_SECURITY):
        return
    for said in _items(document.get("affected")):
        package = said.get("package") if isinstance(said, Mapping) else None
        if not isinstance(package, Mapping):
            continue
        ecosystem = known_ecosystem(_text(package.get("ecosystem")))
        name = _text(package.get("name"))
        if ecosystem is not None and name and not _is_notice(said):
            yield _affected(canonicalize_name(name) if ecosystem == PYPI else name, ecosystem, said)


def _is_notice(said: Mapping[str, Any]) -> bool:
    own = said.get("database_specific")
    return isinstance(own, Mapping) and own.get("informational") in _NOTICES


def _affected(name: str, ecosystem: str, said: Mapping[str, Any]) -> AffectedVersions:
    unread: list[str] = []
    listed, texts = set(), set()
    for each in _listed(said, "versions", unread):
        text = _version_text(each, unread)
        try:
            listed.add(read_version(ecosystem, text))
        except ValueError:
            texts.add(text)
    ranges = []
    for each in _listed(said, "ranges", unread):
        kind = _text(each.get("type")).upper() if isinstance(each, Mapping) else ""
        if kind in ("ECOSYSTEM", "SEMVER"):
            events = _events(_listed(each, "events", unread), ecosystem, unread)
            ranges += [events] if events else []
        elif kind != "GIT":  # its events are commits, not versions
            unread.append(f"a range of the unknown type {kind or each!r}")
    if not (listed or texts or ranges or unread):
        unread.append("it lists no versions that can be compared")
    return AffectedVersions(
        name, ecosystem, frozenset(listed), frozenset(texts - {""}), tuple(ranges), tuple(unread)
    )


def _events(events: tuple[Any, ...], ecosystem: str, unread: list[str]) -> tuple[RangeEvent, ...]:
    """Return a range's events, sorted by version; empty if one of them is invalid."""
    found = []
    for event in events:
        pairs = event.items() if isinstance(event, Mapping) else ()
        for kind, value in pairs:
            if kind not in _KINDS:
                continue
            text = _version_text(value, unread)
            whole = (kind == "introduced" and text == _ZERO) or (
                kind == "limit" and text == _NO_LIMIT
            )
            try:
                found.append(RangeEvent(kind, None if whole else read_version(ecosystem, text)))
            except ValueError:
                unread.append(f"{kind} {text or value!r:.100} is no version")
                return ()
    if not any(event.kind == "introduced" for event in found):
        unread.append("a range without a version at which it begins")
        return ()
    return tuple(sorted(found, key=_order))


def _order(event: RangeEvent) -> tuple[Any, ...]:
    """Return the sort key of an event: at one version a range ends, another begins, and may end."""
    kind = ("fixed", "introduced", "last_affected", "limit").index(event.kind)
    return (0, kind) if event.version is None else (1, event.version, kind)


def _lies_in(version: Any, events: tuple[RangeEvent, ...]) -> bool:
    """Return whether a version lies in a range, by the algorithm in the OSV schema."""
    limits = [event for event in events if event.kind == "limit"]
    if limits and not any(each.version is None or version < each.version for each in limits):
        return False
    affected = False
    for event in events:
        if event.kind == "introduced" and (event.version is None or version >= event.version):
            affected = True
        elif (event.kind == "fixed" and event.version is not None and version >= event.version) or (
            event.kind == "last_affected" and event.version is not None and version > event.version
        ):
            affected = False
    return affected


def _version_text(value: object, unread: list[str]) -> str:
    """Return a version as text; note a number, which YAML has read from an unquoted version."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    unread.append(f"the version {value!r} is an unquoted number, so its zeros may be lost")
    return ""


def _summary(document: Mapping[str, Any]) -> str:
    details = document.get("details")
    first = details.strip().partition("\n")[0] if isinstance(details, str) else ""
    line = _text(document.get("summary")) or _text(first)
    return line if len(line) <= 200 else f"{line[:199]}…"


def _listed(holder: Mapping[str, Any], key: str, unread: list[str]) -> tuple[Any, ...]:
    """Return the list under a key; note a value that is no list."""
    value = holder.get(key)
    if value is not None and not isinstance(value, list | tuple):
        unread.append(f"its {key} are no list")
    return _items(value)


def _items(value: object) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _text(value: object) -> str:
    """Return a text with its lines joined; empty if the value is no text."""
    return " ".join(value.split()) if isinstance(value, str) else ""
