"""The licence that a distribution states, in CycloneDX's form."""

from __future__ import annotations

from collections.abc import Iterator
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from ...base.siblings import resolver

if TYPE_CHECKING:
    from cyclonedx.model.license import License

_CLASSIFIER = "License :: "
_LONGEST = 64  # a longer text is a licence itself, not its name


def licences(distribution: resolver.Distribution) -> list[License]:
    """Return the licence in the metadata: an expression (PEP 639), else a name, else classifiers.

    CycloneDX allows either one expression or names.
    """
    from cyclonedx.model.license import (
        DisjunctiveLicense,
        LicenseAcknowledgement,
        LicenseExpression,
    )
    from cyclonedx.spdx import is_supported_id

    declared = LicenseAcknowledgement.DECLARED
    head = HeaderParser().parsestr(distribution.metadata)
    expression = str(head.get("License-Expression", "")).strip()
    if expression and not is_supported_id(expression):
        return [LicenseExpression(expression, acknowledgement=declared)]
    names = (
        [expression] if expression else [*_names(head.get("License"), head.get_all("Classifier"))]
    )
    return [
        DisjunctiveLicense(id=name, acknowledgement=declared)
        if is_supported_id(name)
        else DisjunctiveLicense(name=name, acknowledgement=declared)
        for name in dict.fromkeys(names)
    ]


def _names(stated: object, classifiers: list[str] | None) -> Iterator[str]:
    """Yield the names of licences in the older field, or in classifiers.

    >>> list(_names("UNKNOWN", ["License :: OSI Approved :: MIT License", "Topic :: Internet"]))
    ['MIT License']
    """
    text = str(stated or "").strip()
    if text and text != "UNKNOWN" and "\n" not in text and len(text) <= _LONGEST:
        yield text
        return
    for each in classifiers or ():
        if each.startswith(_CLASSIFIER):
            yield each.rpartition(" :: ")[2]
