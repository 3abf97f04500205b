"""The grammar of requirements and of the lines that hold them, as packaging and pip read them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import InvalidEntry
from .credentials import protect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

# pip's own, in linear time: a `#` inside a word belongs to a URL.
_COMMENT = re.compile(r"(?:^|(?<!\s)\s+)#(.*)$")
# pip takes a word that starts with `#` for a comment and one that starts with `-` for an option,
# inside quotes as well.
_CUT_BY_PIP = re.compile(r"\s[#-]")
_LONGEST = 100_000  # characters; a thousand hashes are shorter


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one logical line with the numbers of its first and last physical one (from 1)."""

    number: int
    last: int
    text: str
    comment: str
    """What stands behind it, without the `#`."""
    below: tuple[str, ...] = ()
    """The indented comments below it, without the `#`, where pip-compile says `via`."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return all its comments, the first being the reason; a list below `via` is one."""
        first, *rest = self.below or ("",)
        if first.strip() == "via" and rest and all(each.startswith("  ") for each in rest):
            said = [f"via {', '.join(each.strip() for each in rest)}"]
        else:
            said = [first, *rest]
        return tuple(each.strip() for each in (self.comment, *said) if each.strip())


def parse_requirement(text: str) -> Requirement:
    """Read one requirement (PEP 508) with its name and extras normalised (PEP 503, PEP 685).

    Credentials in its URL become variables. Raises InvalidEntry where it does not parse or where
    pip would read its line differently.

    >>> spell(parse_requirement("Scikit_Learn [Tests] == 1.5.0RC1"))
    'scikit-learn[tests]==1.5.0rc1'
    """
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise InvalidEntry(text, str(error).partition("\n")[0]) from error
    except RecursionError as error:
        raise InvalidEntry(text, "its marker is nested deeper than any is") from error
    requirement.name = canonicalize_name(requirement.name)
    requirement.extras = {canonicalize_name(extra) for extra in requirement.extras}
    requirement.url = protect(requirement.url) if requirement.url else None
    _check_line(text, requirement)
    return requirement


def spell(requirement: Requirement) -> str:
    """Write a requirement in the one form that this package uses."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    versions = ",".join(sorted({_spell_specifier(each) for each in requirement.specifier}))
    # The space before `;` is part of the grammar after a URL: without it the marker is URL.
    location, end = (f" @ {requirement.url}", " ; ") if requirement.url else (versions, "; ")
    marker = f"{end}{requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{location}{marker}"


def iter_lines(text: str) -> Iterator[Line]:
    r"""Yield the logical lines of a requirements file: continued ones joined, no empty ones.

    >>> [line.text for line in iter_lines("# pins\nnumpy==2.4.6  # via pandas\n")]
    ['numpy==2.4.6']
    """
    waiting: Line | None = None
    below: list[str] = []
    for number, last, joined in _join_continued(text):
        comment = _COMMENT.search(joined)
        content = (joined[: comment.start()] if comment else joined).strip()
        note = comment[1] if comment else ""
        if waiting and not content and comment and joined[0].isspace() and number > 1:
            waiting = replace(waiting, last=last)
            below.append(note)
            continue
        if waiting:
            yield replace(waiting, below=tuple(below))
        waiting = Line(number, last, content, note.strip()) if content else None
        below = []
    if waiting:
        yield replace(waiting, below=tuple(below))


def check_length(text: str) -> None:
    """Refuse a line that is longer than any is; raises InvalidEntry."""
    if len(text) > _LONGEST:
        raise InvalidEntry(text, f"is longer than any such line is ({_LONGEST:,} characters)")


def one_line(text: str) -> str:
    r"""Make a text safe as the comment that ends a line: no line breaks, no trailing backslash.

    >>> one_line(" via a,\n  b \\")
    'via a, b'
    """
    visible = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(visible.split()).rstrip("\\ ")


def _join_continued(text: str) -> Iterator[tuple[int, int, str]]:
    pending: list[str] = []
    first = last = 0
    for last, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        first = first if pending else last
        starts_comment = _COMMENT.match(line)
        if line.endswith("\\") and not starts_comment:
            pending.append(line.strip("\\"))
            continue
        # A comment below a continued line still is one, as in pip.
        pending.append(f" {line}" if starts_comment and pending else line)
        yield first, last, "".join(pending)
        pending = []
    if pending:
        yield first, last, "".join(pending)


def _spell_specifier(specifier: Specifier) -> str:
    operator, version = specifier.operator, specifier.version
    if operator == "===":  # compared as text (PEP 440), so kept as text
        return f"==={version}"
    if version.endswith(".*"):
        return f"{operator}{Version(version[:-2])}.*"
    return f"{operator}{Version(version)}"


def _check_line(text: str, requirement: Requirement) -> None:
    """Refuse what would not survive being one line of a requirements file."""
    url, marker = requirement.url or "", requirement.marker
    if ";" in url:
        raise InvalidEntry(text, "pip ends a URL at `;`: put a space before a marker, or write %3B")
    if url.startswith("#") or url.endswith("\\"):
        raise InvalidEntry(text, "this URL would not survive in a requirements file")
    spelled = spell(requirement)
    if not spelled.isprintable() or _CUT_BY_PIP.search(spelled):
        raise InvalidEntry(text, "it holds characters that break a line of a requirements file")
    if marker is not None:
        try:
            Marker(str(marker))
        except InvalidMarker as error:
            raise InvalidEntry(
                text, "its marker cannot be written so that it reads back"
            ) from error
