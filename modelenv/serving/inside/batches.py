"""Answer several requests from one message: join those that can be, predict once, and split.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import json
import math
import sys

from ...table.errors import RowsError
from .forms import form_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .requests import Request

    Head = dict[str, Any]
    Answer = tuple[Head, list[bytes]]
    Asked = tuple[Head, memoryview]


class Batches:
    """Joined requests to a model, as long as each gets the answer that it would get alone.

    The first joined requests, the second, the fourth, the eighth, ... are also predicted one by
    one, and these answers are given: if they differ, nothing is joined any more. Nothing is joined
    either if predictions of single requests have different forms, since joining would give each
    the form of its neighbours.
    """

    def __init__(
        self,
        one: Callable[[Head, memoryview], Answer],
        read: Callable[[Head, memoryview], Request],
        predict: Callable[[Any, dict[str, Any]], Any],
        written: Callable[[Head, Request, Any], Answer],
    ) -> None:
        """`one` answers a single request, and passes the prediction to :meth:`saw`."""
        self._one = one
        self._read = read
        self._predict = predict
        self._written = written
        self._form: Any = None
        self._groups = 0
        self._joins = True

    def saw(self, prediction: Any) -> None:
        """Compare the form of a single request's prediction with earlier ones."""
        form = form_of(prediction)
        if form is None:
            return
        if self._form is None:
            self._form = form
        self._joins = self._joins and form == self._form

    def answer(self, head: Head, body: memoryview) -> Answer:
        """Return the answers to a batch, in order; each head gives the size of its body.

        Requests that cannot be joined are answered one by one, as are all whose joined call failed.
        If that was for lack of memory, this answer is marked as the last.
        """
        asked = list(_cut(head["items"], body))
        found: dict[int, Answer] = {}
        spent = False
        for group in _groups(asked, self._read) if self._joins else ():
            try:
                found.update(self._joined(asked, group))
            except MemoryError:
                spent = True
            except BaseException:  # noqa: BLE001, S112  # each is predicted by itself, and tells
                continue
        answers = [
            found[place] if place in found else self._one(*each) for place, each in enumerate(asked)
        ]
        told = [{**head, "size": sum(map(len, raw))} for head, raw in answers]
        spent = spent or any(head.get("last") for head, _ in answers)
        last = {"last": True} if spent else {}
        return {"batch": told, **last}, [part for _, raw in answers for part in raw]

    def _joined(self, asked: Sequence[Asked], group: dict[int, Request]) -> dict[int, Answer]:
        """Return the answers of a group, by their indexes; none if it cannot be joined."""
        values = {place: request.value() for place, request in group.items()}
        values = {place: value for place, value in values.items() if _size(value)}
        value = _one_value(list(values.values())) if len(values) > 1 and self._joins else None
        if value is None:
            return {}
        prediction = self._predict(value, group[next(iter(values))].params)
        self._groups += 1
        form, proves = form_of(prediction), not self._groups & (self._groups - 1)
        parts = _split(prediction, list(map(len, values.values())))
        if not proves and (parts is None or form != self._form):
            return {}
        joined = {} if parts is None else dict(zip(values, parts))
        written = {
            place: self._written(asked[place][0], group[place], part)
            for place, part in joined.items()
        }
        return self._proved(asked, values, written) if proves else written

    def _proved(
        self, asked: Sequence[Asked], places: Any, joined: dict[int, Answer]
    ) -> dict[int, Answer]:
        """Return the answer to each request alone, after comparing it with the joined one."""
        alone = {place: self._one(*asked[place]) for place in places}
        alike = all(
            place in joined and "ok" in answer[0] and _are_alike(joined[place], answer)
            for place, answer in alone.items()
        )
        self._joins = self._joins and alike
        return alone


def _are_alike(one: Answer, other: Answer) -> bool:
    texts = [b"".join(raw) for _, raw in (one, other)]
    return texts[0] == texts[1] or _is_like(*map(json.loads, texts))


def _is_like(one: Any, other: Any) -> bool:
    """Return whether plain data is equal, except for the last digits of its floats."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-8)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_is_like, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(_is_like, one.values(), other.values()))
    return bool(one == other)


def _size(value: Any) -> int:
    has_rows = hasattr(value, "__len__") and getattr(value, "ndim", None) != 0
    return len(value) if has_rows else 0


def _cut(heads: Sequence[Head], body: memoryview) -> Any:
    place = 0
    for head in heads:
        yield head, body[place : place + head["size"]]
        place += head["size"]


def _groups(asked: Sequence[Asked], read: Callable[[Head, memoryview], Request]) -> Any:
    """Return the indexes of requests with equal params; invalid inputs are in no group."""
    groups: dict[str, dict[int, Request]] = {}
    for place, (head, body) in enumerate(asked):
        try:
            request = read(head, body)
        except RowsError:
            continue
        key = json.dumps(request.params, sort_keys=True, default=repr)
        groups.setdefault(key, {})[place] = request
    return [group for group in groups.values() if len(group) > 1]


def _one_value(values: list[Any]) -> Any:
    """Return the rows of all inputs as one; None if they are no tables or arrays of one type."""
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    first = values[0]
    if pandas is not None and all(type(each) is pandas.DataFrame for each in values):
        name = first.index.name
        plain = all(
            type(each.index) is pandas.RangeIndex and each.index.name == name for each in values
        )
        if plain and all(each.dtypes.equals(first.dtypes) for each in values):
            return pandas.concat(values, ignore_index=True).rename_axis(index=name)
    elif numpy is not None and all(type(each) is numpy.ndarray for each in values):
        shapes = {(each.dtype.str, each.shape[1:]) for each in values}
        if len(shapes) == 1 and first.ndim:
            return numpy.concatenate(values)
    return None


def _split(prediction: Any, sizes: Sequence[int]) -> list[Any] | None:
    """Return each request's rows; None unless there is one row for each input row."""
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
