"""The row labels that a request has to give besides the cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....table.column_type import INTEGERS, ColumnType
from ....table.incoming.document import described as one_example
from ....table.objects import untag
from ....table.values import is_table

Level = tuple[Any, ColumnType]


def levels_of(described: Mapping[str, Any]) -> list[Level]:
    """Return the names and types of the index levels that rows come with.

    None if the input is no frame, or if its index is just row numbers.
    """
    like = one_example(dict(described))
    told = like.get("index") if is_table(like) else None
    if not isinstance(told, Mapping) or "range" in told:
        return []
    levels = [
        (untag(level["name"]), ColumnType.from_json(level["type"], level["dtype"]))
        for level in told["levels"]
    ]
    return [] if len(levels) == 1 and levels[0][1].kind in INTEGERS else levels


def are_columns(described: Mapping[str, Any]) -> bool:
    """Return whether labels are in columns of their names, rather than in a body's ``index``.

    A series has only one column, so its labels are not.
    """
    one = str(one_example(dict(described))["type"]).endswith("series")
    levels = levels_of(described)
    return not levels or (not one and all(name is not None for name, _ in levels))
