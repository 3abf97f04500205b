"""Bills of materials in wheels (PEP 770), merged into that of the model.

A wheel lists in ``.dist-info/sboms`` its contents other than distributions: shared libraries that
auditwheel copied, crates that maturin linked. Each is listed once for each wheel that contains it:
they are copies. Tools that built the wheel are not in the wheel, and are left out; so is a
reference to a component that the bill does not describe, which other bills may not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...base.siblings import resolver
from ...wheels.carried_bills import WheelBill, wheel_bills
from .purls import read_purl

if TYPE_CHECKING:
    from cyclonedx.model import HashType
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License

_DIGEST = re.compile(r"(?:[0-9a-fA-F]{32}){1,4}|[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True)
class CarriedBill:
    """The content of one bill in a wheel, with components of ours."""

    file: str
    """Its path in the wheel."""
    components: Mapping[str, Component]
    """The components by their references in that bill."""
    roots: tuple[str, ...]
    """The components that the wheel depends on directly, and those on which nothing depends."""
    edges: Mapping[str, tuple[str, ...]]
    """The dependencies between them, by reference."""


def bills_of(
    distribution: resolver.Distribution,
) -> Iterator[CarriedBill | str]:
    """Yield the bills that an installed distribution carries; a sentence for an invalid one."""
    for bill in wheel_bills(distribution):
        yield f"{bill}: it is not merged" if isinstance(bill, str) else _merged(bill, distribution)


def _merged(bill: WheelBill, distribution: resolver.Distribution) -> CarriedBill:
    own = {"", _ref(bill.root)}
    described: dict[str, Mapping[str, Any]] = {}
    for said in bill.components():
        if _is_wheel(said, distribution):
            own.add(_ref(said))
        elif said.get("name"):
            described[_ref(said) or f"#{len(described)}"] = said
    own -= described.keys()
    edges = _edges(bill.document, described.keys() | own)
    led_to = {to for source, found in edges.items() if source not in own for to in found}
    direct = {to for source in own for to in edges.get(source, ())} & described.keys()
    roots = direct | (described.keys() - led_to)
    return CarriedBill(
        file=bill.file,
        components={ref: _component(said, bill.file) for ref, said in described.items()},
        roots=tuple(sorted(roots)),
        edges={
            ref: tuple(each for each in found if each in described)
            for ref, found in edges.items()
            if ref in described
        },
    )


def _is_wheel(said: Mapping[str, Any], distribution: resolver.Distribution) -> bool:
    """Return whether a component is the wheel itself: auditwheel names it with its file, too."""
    purl = read_purl(said.get("purl"))
    return (
        purl is not None
        and purl.type == "pypi"
        and purl.name == distribution.name
        and not purl.subpath
    )


def _edges(document: Mapping[str, Any], known: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in _list(document.get("dependencies")):
        said = _dict(each)
        ref = str(said.get("ref", ""))
        if ref in known:
            to = (str(name) for name in _list(said.get("dependsOn")))
            found[ref] = tuple(name for name in to if name in known)
    return found


def _component(said: Mapping[str, Any], path: str) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentScope, ComponentType

    types = {each.value: each for each in ComponentType}
    scopes = {each.value: each for each in ComponentScope}
    return Component(
        name=str(said["name"]),
        type=types.get(str(said.get("type")), ComponentType.LIBRARY),
        version=_text(said.get("version")),
        group=_text(said.get("group")),
        description=_text(said.get("description")),
        scope=scopes.get(str(said.get("scope"))),
        purl=read_purl(said.get("purl")),
        licenses=_licences(said),
        hashes=[*_hashes(said)],
        properties=[Property(name="modelenv:said-in", value=path)],
    )


def _licences(said: Mapping[str, Any]) -> list[License]:
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
    from cyclonedx.spdx import is_supported_id

    listed = [_dict(each) for each in _list(said.get("licenses"))]
    expressions = [each["expression"] for each in listed if _text(each.get("expression"))]
    if expressions:
        return [LicenseExpression(str(expressions[0]))]
    names = (_dict(each.get("license")) for each in listed)
    texts = filter(None, (_text(each.get("id")) or _text(each.get("name")) for each in names))
    return [
        DisjunctiveLicense(id=each) if is_supported_id(each) else DisjunctiveLicense(name=each)
        for each in dict.fromkeys(texts)
    ]


def _hashes(said: Mapping[str, Any]) -> Iterator[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    known = {each.value: each for each in HashAlgorithm}
    for each in map(_dict, _list(said.get("hashes"))):
        algorithm, content = known.get(str(each.get("alg"))), _text(each.get("content"))
        if algorithm is not None and content and _DIGEST.fullmatch(content):
            yield HashType(alg=algorithm, content=content)


def _ref(said: Mapping[str, Any]) -> str:
    return str(said.get("bom-ref") or "")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
