"""Several requests in one message: what can be joined is predicted in one call, and split.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import json
import sys

from ...table.errors import RowsError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .requests import Request

    Head = dict[str, Any]
    Answer = tuple[Head, list[bytes]]
    Asked = tuple[Head, memoryview]


def answer(
    head: Head,
    body: memoryview,
    one: Callable[[Head, memoryview], Answer],
    read: Callable[[Head, memoryview], Request],
    predict: Callable[[Any, dict[str, Any]], Any],
    written: Callable[[Head, Request, Any], Answer],
) -> Answer:
    """Return the answers to a batch, one after the other; each head says the size of its body.

    `one` answers a request by itself, as it does all that cannot be joined, and each request of
    which the joined call failed.
    """
    asked = list(_cut(head["items"], body))
    found: dict[int, Answer] = {}
    for group in _groups(asked, read):
        found.update(_joined(asked, group, predict, written))
    answers = [found[place] if place in found else one(*each) for place, each in enumerate(asked)]
    told = [{**head, "size": sum(map(len, raw))} for head, raw in answers]
    last = {"last": True} if any(head.get("last") for head, _ in answers) else {}
    return {"batch": told, **last}, [part for _, raw in answers for part in raw]


def _cut(heads: Sequence[Head], body: memoryview) -> Any:
    place = 0
    for head in heads:
        yield head, body[place : place + head["size"]]
        place += head["size"]


def _groups(asked: Sequence[Asked], read: Callable[[Head, memoryview], Request]) -> Any:
    """Return what has equal params, by its places; what is no input is in no group."""
    groups: dict[str, dict[int, Request]] = {}
    for place, (head, body) in enumerate(asked):
        try:
            request = read(head, body)
        except RowsError:
            continue
        key = json.dumps(request.params, sort_keys=True, default=repr)
        groups.setdefault(key, {})[place] = request
    return [group for group in groups.values() if len(group) > 1]


def _joined(
    asked: Sequence[Asked],
    group: dict[int, Request],
    predict: Callable[[Any, dict[str, Any]], Any],
    written: Callable[[Head, Request, Any], Answer],
) -> dict[int, Answer]:
    """Return the answers of a group, by their places; none where it cannot be joined, or fails."""
    try:
        values = [request.value() for request in group.values()]
        value = _one_value(values)
        if value is None:
            return {}
        sizes = [len(each) for each in values]
        parts = _split(predict(value, next(iter(group.values())).params), sizes)
        if parts is None:
            return {}
        return {
            place: written(asked[place][0], request, part)
            for (place, request), part in zip(group.items(), parts)
        }
    except Exception:  # noqa: BLE001  # each is predicted by itself then, and tells of it
        return {}


def _one_value(values: list[Any]) -> Any:
    """Return the rows of all; None: they are no tables or arrays of equal types."""
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    first = values[0]
    if pandas is not None and all(type(each) is pandas.DataFrame for each in values):
        plain = all(type(each.index) is pandas.RangeIndex for each in values)
        if plain and all(each.dtypes.equals(first.dtypes) for each in values):
            return pandas.concat(values, ignore_index=True)
    elif numpy is not None and all(type(each) is numpy.ndarray for each in values):
        shapes = {(each.dtype.str, each.shape[1:]) for each in values}
        if len(shapes) == 1 and first.ndim:
            return numpy.concatenate(values)
    return None


def _split(prediction: Any, sizes: Sequence[int]) -> list[Any] | None:
    """Return the rows of each; None: there is not one row for each that was put in."""
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    frames: tuple[Any, ...] = () if pandas is None else (pandas.DataFrame, pandas.Series)
    arrays: tuple[Any, ...] = () if numpy is None else (numpy.ndarray,)
    kinds: tuple[Any, ...] = (list, *frames, *arrays)
    if not isinstance(prediction, kinds) or getattr(prediction, "ndim", 1) == 0:
        return None
    if len(prediction) != sum(sizes):
        return None
    framed = isinstance(prediction, frames)
    rows: Any = prediction.iloc if framed else prediction
    parts, place = [], 0
    for size in sizes:
        part = rows[place : place + size]
        parts.append(part.reset_index(drop=True) if framed else part)
        place += size
    return parts
