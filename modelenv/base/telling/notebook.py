"""HTML reports for notebooks: the printed text of a value as headings, tables and folds.

The text of a report is the one source. Its first line is the result; indented lines below a line
that ends in a colon are the rows of a table; any other line is a fact, ``subject: value``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

_FOLDED = 6  # facts shown at once; further ones are folded
_CELL = "text-align: left; vertical-align: top; padding: 0 1em 0 0;"
_COLOURS = {True: "#1a7f37", False: "#cf222e"}
_SUBJECT = re.compile(r"(?P<subject>[^:]{1,60}): (?P<said>.+)", re.DOTALL)


def as_html(report: str, *, good: bool | None = None) -> str:
    """Return the text of a report as HTML, fully escaped.

    `good` colours the mark in front: True for yes, False for no; None: neither.

    >>> as_html("note: a < b")
    '<div><p><b>note: a &lt; b</b></p></div>'
    """
    first, *rest = report.split("\n")
    mark = "" if good is None else f'<span style="color: {_COLOURS[good]}">●</span> '
    head = f"<p>{mark}<b>{escape(first)}</b></p>"
    return f"<div>{head}{''.join(_iter_parts(rest))}</div>"


def _iter_parts(lines: Sequence[str]) -> Iterator[str]:
    """Yield tables for the indented lines, and lists of the facts between them."""
    for indented, group in groupby(filter(None, lines), key=lambda line: line.startswith("  ")):
        yield (_table if indented else _facts)(list(group))


def _table(lines: Sequence[str]) -> str:
    rows = (re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in lines)
    cells = ("".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) for row in rows)
    return f"<table><tbody>{''.join(f'<tr>{each}</tr>' for each in cells)}</tbody></table>"


def _facts(lines: Sequence[str]) -> str:
    facts = f"<ul>{''.join(f'<li>{_fact(line)}</li>' for line in lines)}</ul>"
    if len(lines) <= _FOLDED:
        return facts
    return f"<details><summary>{len(lines)} facts more</summary>{facts}</details>"


def _fact(line: str) -> str:
    found = _SUBJECT.fullmatch(line)
    if found is None:
        return escape(line)
    return f"<b>{escape(found['subject'])}</b>: {escape(found['said'])}"
