"""A trace in a notebook: its slowest packages as a table, and folds of its touches."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .records import ImportRecord, Touch

_MOST = 15  # packages that are shown at once
_CELL = '<td style="text-align: left">{}</td>'
_HEADS = ("package", "modules", "own ms", "first asked for by")


def in_tables(
    title: str,
    records: Iterable[ImportRecord],
    touches: Iterable[Touch],
    folded: Mapping[str, Sequence[str]],
) -> str:
    """Return the slowest packages of a trace and its touches as HTML, all of it escaped.

    `folded` are further lists, by their titles.

    >>> in_tables("a < b", (), (), {})
    '<div><p><b>a &lt; b</b></p></div>'
    """
    rows = render.packages(records)
    shown = "".join(
        _row((name, str(modules), f"{seconds * 1000:.1f}", asked))
        for name, modules, seconds, asked in rows[:_MOST]
    )
    head = "".join(f'<th style="text-align: left">{each}</th>' for each in _HEADS)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{shown}</tbody></table>"
    more = [f"{len(rows) - _MOST} more packages"] if len(rows) > _MOST else []
    parts = [
        table if rows else "",
        *(f"<p>{each}</p>" for each in more),
        _fold("touched", list(render.touched(touches))),
        *(_fold(heading, lines) for heading, lines in folded.items()),
    ]
    return f"<div><p><b>{escape(title)}</b></p>{''.join(parts)}</div>"


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(_CELL.format(escape(each)) for each in cells)}</tr>"


def _fold(title: str, lines: Sequence[str]) -> str:
    """Return a list that is folded away under its title; nothing if there are no lines."""
    if not lines:
        return ""
    items = "".join(f"<li>{escape(each)}</li>" for each in lines)
    return f"<details><summary>{len(lines)} {title}</summary><ul>{items}</ul></details>"
