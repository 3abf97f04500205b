"""The categories of a column as JSON values."""

from __future__ import annotations

import math
from typing import Any

from ....table.column_type import ColumnType
from ....table.errors import UnfaithfulError
from ....table.incoming.cells import to_json
from ....table.objects import untag
from ....table.table import Column


def categories_of(type_: ColumnType) -> list[Any]:
    """Return the categories that have a JSON form; empty if one of them has none.

    >>> categories_of(ColumnType("category", of=ColumnType("date"), categories=[0, 1]))
    ['1970-01-01', '1970-01-02']
    """
    cells = [untag(each) for each in type_.categories]
    kept = [each for each in cells if not (isinstance(each, float) and not math.isfinite(each))]
    try:
        return to_json(Column.pack(None, type_.of or type_, kept))
    except (UnfaithfulError, ValueError, TypeError):
        return []
