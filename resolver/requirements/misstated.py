"""Old metadata that violates PEP 440 and PEP 508, read as uv reads it.

Until pip 24.1 and packaging 22 installers took such lines; releases that have them are still there.
"""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

_NUMBER = r"\d+(?:\.\d+)*"
_LONGEST = 500
# uv 0.13.9 accepts the same, and refuses the others: "~=1.2.*" has no clear meaning.
_MEANT = (
    # A star in a bound: "click (>=7.*)" of uvicorn 0.14.0, "PyYAML (>=5.1.*)".
    (rf"(>=|<=|>|<)(\s*{_NUMBER})\.\*", r"\1\2"),
    # No dot before a star: "!=3.0*".
    (rf"([!=]=\s*{_NUMBER})\*", r"\1.*"),
    # Two operators: "!=~5.0".
    (rf"!=~(\s*{_NUMBER})", r"!=\1.*"),
    # No comma between: ">=7.2.0<8.0.0".
    (rf"([<>=!~]\s*{_NUMBER}(?:\.\*)?)(?=[<>!=~])", r"\1,"),
    # Any version at all: "pytz (>dev)" of celery 4.
    (r">\s*dev\b", ">=0.dev0"),
    # Quotes round a number: ">='2.0'".
    (r"['\"]", ""),
)


def requirement_as_meant(line: str) -> Requirement | None:
    """Return the intended meaning of an invalid requirement; None if no rule applies.

    >>> str(requirement_as_meant("click (>=7.*)"))
    'click>=7'
    >>> str(requirement_as_meant("a (>=7.2.0<8.0.0) ; python_version < '3.9'"))
    'a<8.0.0,>=7.2.0; python_version < "3.9"'
    >>> requirement_as_meant("a b c")
    """
    asked, semicolon, marker = line.partition(";")
    for each in _readings(asked):
        try:
            return Requirement(f"{each}{semicolon}{marker}")
        except InvalidRequirement:
            continue
    return None


def pythons_as_meant(text: str) -> SpecifierSet | None:
    """Return the intended meaning of an invalid Requires-Python; None if no rule applies.

    >>> str(pythons_as_meant(">=3.6.*"))
    '>=3.6'
    """
    for each in _readings(text):
        try:
            return SpecifierSet(each)
        except InvalidSpecifier:
            continue
    return None


def _readings(text: str) -> list[str]:
    """Yield a text with one rule after the other applied; the first valid one is the meaning."""
    readings: list[str] = []
    for pattern, meant in _MEANT if len(text) <= _LONGEST else ():
        mended = re.sub(pattern, meant, text)
        if mended != text:
            text = mended
            readings.append(text)
    return readings
