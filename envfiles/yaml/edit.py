"""Edits of YAML that change what they concern and keep every other byte.

A document is edited as text, at the places that the parser names; what was edited is parsed again
and compared with what was meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .nodes import YamlNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PLAIN = re.compile(r"-{0,2}[A-Za-z0-9_./+][\w./+=<>!~;@,()'\" :\[\]\\${}-]*")


@dataclass(frozen=True, slots=True, order=True)
class TextEdit:
    """A replacement for a span of a text."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Sequence[TextEdit]) -> str:
    """Return the text with its edits, which do not overlap.

    >>> apply("a: b", [TextEdit(3, 4, "c")])
    'a: c'
    """
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def rewrite_items(text: str, node: YamlNode, change: Callable[[str], str | None]) -> list[TextEdit]:
    """Return the edits that replace items of a list, and take away those that become None.

    An item that `change` returns as it was is left untouched, as are items with items. If
    nothing is left, the list is written as an empty one.
    """
    items = node.items()
    edits: list[TextEdit] = []
    gone: set[int] = set()
    for index, item in enumerate(items):
        if item.is_mapping or item.is_list:
            continue
        before = item.text()
        after = change(before)
        if after is None:
            gone.add(index)
        elif after != before:
            edits.append(scalar_edit(text, item, after))
    if gone and len(gone) == len(items):
        return [_emptied(node)]
    return [*edits, *_removals(text, node, gone)]


def insert_items(
    text: str, node: YamlNode, added: Sequence[tuple[str, YamlNode | None]]
) -> list[TextEdit]:
    """Return the edits that add items to a list that has some: each before another, or at its end.

    Items for one place are added in their order.
    """
    places: dict[int, list[str]] = {}
    nodes: dict[int, YamlNode] = {}
    for value, before in added:
        anchor = before or node.items()[-1]
        start, end = span(anchor)
        position = start if before else end
        if not _is_flow(node):
            position = _line_start(text, start) if before else _line_end(text, end)
        places.setdefault(position, []).append(value)
        nodes[position] = anchor
    return [
        TextEdit(at, at, _added(text, node, nodes[at], at, values)) for at, values in places.items()
    ]


def _added(text: str, node: YamlNode, anchor: YamlNode, at: int, values: Sequence[str]) -> str:
    in_front = at <= span(anchor)[0]
    if _is_flow(node):
        written = [_scalar(value, flow=True) for value in values]
        return ", ".join([*written, ""] if in_front else ["", *written])
    newline = newline_of(text)
    indent = " " * _dash_column(text, anchor)
    lines = [f"{indent}- {_scalar(value)}" for value in values]
    return newline.join([*lines, ""] if in_front else ["", *lines])


def scalar_edit(text: str, node: YamlNode, value: str) -> TextEdit:
    """Return the edit that replaces a scalar, in the quotes that it has."""
    return TextEdit(*span(node), _scalar(value, _quote(text, node)))


def insert_key(text: str, root: YamlNode, key: str, item: str) -> TextEdit:
    """Return the edit that adds a key with a list of one item before the first key."""
    newline = newline_of(text)
    start = span(root)[0]
    if _is_flow(root):
        end = ", " if root.mapping() else ""
        return TextEdit(start + 1, start + 1, f"{key}: [{_scalar(item, flow=True)}]{end}")
    return TextEdit(start, start, f"{key}:{newline}- {_scalar(item)}{newline}")


def fill_key(text: str, root: YamlNode, key: str, value: str) -> TextEdit:
    """Return the edit that gives a key a value if it has none, null or an empty list."""
    raw_key, raw_value = next(pair for pair in root.raw.value if pair[0].value == key)
    start, end = raw_value.start_mark.index, raw_value.end_mark.index
    if start < end:
        return TextEdit(start, end, value)
    colon = text.index(":", raw_key.end_mark.index) + 1
    return TextEdit(colon, colon, f" {value}")


def plain(node: YamlNode) -> object:
    """Return a document as dicts, lists and text as it is written; null is None."""
    if node.is_null:
        return None
    if node.is_mapping:
        return {key: plain(value) for key, value in node.mapping().items()}
    if node.is_list:
        return [plain(item) for item in node.items()]
    return node.text()


def span(node: YamlNode) -> tuple[int, int]:
    """Return where a value starts and ends in its text."""
    raw = node.raw
    assert raw.end_mark is not None
    return raw.start_mark.index, raw.end_mark.index


def newline_of(text: str) -> str:
    r"""Return the line end that a text uses: that of its first line."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _removals(text: str, node: YamlNode, gone: set[int]) -> Iterator[TextEdit]:
    """Yield the edits that take items away, of which others stay; none of them overlap."""
    spans = [span(item) for item in node.items()]
    if not _is_flow(node):
        for index in gone:
            start, end = spans[index]
            line_end = _line_end(text, end) + len(newline_of(text))
            yield TextEdit(_line_start(text, start), min(len(text), line_end), "")
        return
    last = max(index for index in range(len(spans)) if index not in gone)
    for index in gone:
        if index < last:
            yield TextEdit(spans[index][0], spans[index + 1][0], "")
    if last + 1 < len(spans):  # with the comma before them
        yield TextEdit(spans[last][1], spans[-1][1], "")


def _emptied(node: YamlNode) -> TextEdit:
    """Return the edit that makes an empty list of one."""
    start, end = span(node)
    if _is_flow(node):
        return TextEdit(start, end, "[]")
    # A dash may stand below its key's first letter, a bracket has to stand further in.
    return TextEdit(start, span(node.items()[-1])[1], "  []")


def _is_flow(node: YamlNode) -> bool:
    return bool(getattr(node.raw, "flow_style", False))


def _dash_column(text: str, item: YamlNode) -> int:
    start = span(item)[0]
    line_start = _line_start(text, start)
    return text.rindex("-", line_start, start) - line_start


def _line_start(text: str, start: int) -> int:
    return text.rfind("\n", 0, start) + 1


def _line_end(text: str, start: int) -> int:
    found = re.compile(r"\r?\n|$").search(text, start)
    return found.start() if found else len(text)


def _quote(text: str, node: YamlNode) -> str:
    first = text[span(node)[0]]
    return first if first in "'\"" else ""


def _scalar(value: str, quote: str = "", *, flow: bool = False) -> str:
    if quote == "'":
        return "'" + value.replace("'", "''") + "'"
    if quote or not _is_plain(value, flow=flow):
        return json.dumps(value, ensure_ascii=False)
    return value


def _is_plain(value: str, *, flow: bool) -> bool:
    """Return whether a text may stand bare and is read as the text that it is."""
    if _PLAIN.fullmatch(value) is None or ": " in value or " #" in value or value.endswith(":"):
        return False
    if flow and re.search(r"[\[\]{},]", value):
        return False
    import yaml

    return isinstance(yaml.safe_load(value), str)
