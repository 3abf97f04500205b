"""Rows for a model that has no example: of its signature, or of what the fitted model says.

They show that it predicts, not what: such a model *runs*, and never *reproduces*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ROWS = 3
"""The number of rows that are made."""
_TEXTS = ("a", "b", "c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The inputs of a fitted model, as it describes them."""

    count: int = 0
    names: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    """Texts that columns may hold, by their names or places."""
    texts: bool = False
    """Whether it takes a list of texts."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Features:
        """Take them from what was said in the model's environment."""
        return cls(
            count=int(told.get("count", 0)),
            names=tuple(map(str, told.get("names", ()))),
            values={str(key): str(value) for key, value in dict(told.get("values", {})).items()},
            texts=bool(told.get("texts", False)),
        )

    @property
    def is_known(self) -> bool:
        """Whether rows can be made of them."""
        return bool(self.count or self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRows:
    """Rows as the scoring protocol has them, and what they are made of."""

    document: Any
    like: Mapping[str, Any]
    """The known types of the inputs."""
    source: str
    """The source they are made from, in words."""


def of_signature(fields: Any, schema: Mapping[str, Any], known: Features) -> MadeRows | None:
    """Return rows of the inputs of a signature; None if it does not say enough."""
    like = {"type": "none", "schema": dict(schema)}
    source = "the signature"
    if "columns" in schema:
        named = [(str(each["name"]), str(each.get("type"))) for each in fields]
        columns = [_column(kind, known.values.get(name)) for name, kind in named]
        document = _split([name for name, _ in named], columns)
        return MadeRows(document=document, like=like, source=source)
    if "dtypes" in schema:
        arrays = {
            name: _array(schema["sizes"].get(name, ()), dtype)
            for name, dtype in schema["dtypes"].items()
        }
        return MadeRows(document={"inputs": arrays}, like=like, source=source)
    if "sizes" in schema:
        array = _array(schema["sizes"], schema.get("dtype"))
        return MadeRows(document={"inputs": array}, like=like, source=source)
    return None


def of_features(known: Features) -> MadeRows | None:
    """Return rows of what a fitted model says; None if it does not say enough."""
    if known.texts:
        return MadeRows(
            document={"inputs": list(_TEXTS)},
            like={"type": "none", "schema": {"plain": True}},
            source="the vocabulary of the fitted model, which takes texts",
        )
    if not known.count:
        return None
    places = [str(place) for place in range(known.count)]
    texts = [known.values.get(name) for name in known.names or places]
    columns = [_column("double" if text is None else "string", text) for text in texts]
    if known.names:
        return MadeRows(
            document=_split(list(known.names), columns),
            like=_frame(known.names, texts),
            source="the feature names of the fitted model",
        )
    rows = [list(row) for row in zip(*columns, strict=True)]
    like = {"type": "none", "schema": {"dtype": "float64", "sizes": [-1, known.count]}}
    if any(texts):  # an array of texts and numbers is one of objects
        like = {"type": "none", "schema": {"plain": True}}
    return MadeRows(
        document={"inputs": rows}, like=like, source="the number of features of the fitted model"
    )


def _frame(names: Sequence[str], texts: Sequence[str | None]) -> Mapping[str, Any]:
    types = {
        name: "float64" if text is None else "str" for name, text in zip(names, texts, strict=True)
    }
    return {"type": "none", "schema": {"columns": list(names), "types": types}}


def _split(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> Mapping[str, Any]:
    rows = [list(row) for row in zip(*columns, strict=True)]
    return {"dataframe_split": {"columns": list(names), "data": rows}}


def _column(kind: str, text: str | None) -> Sequence[Any]:
    """Return the values of a column of one of MLflow's types.

    >>> _column("long", None), _column("string", "basic")
    ([1, 2, 3], ['basic', 'basic', 'basic'])
    """
    if kind == "string" and text is not None:
        return [text] * ROWS
    return [_OF_TYPES.get(kind, _double)(number) for number in range(ROWS)]


def _double(number: int) -> Any:
    return 0.5 + number


_OF_TYPES: Mapping[str, Callable[[int], Any]] = {
    "boolean": lambda number: number % 2 == 0,
    "integer": lambda number: number + 1,
    "long": lambda number: number + 1,
    "string": lambda number: _TEXTS[number],
    "binary": lambda _: "AA==",
    "datetime": lambda number: f"2020-01-0{number + 1}T00:00:00",
}


def _array(sizes: Sequence[int], dtype: object) -> Any:
    """Return nested lists of those sizes; a varying size is the number of rows."""
    text = str(dtype)
    if not sizes:
        return 1 if text.startswith(("int", "uint")) else 0.5
    first = sizes[0] if sizes[0] >= 0 else ROWS
    if text.startswith(("str", "object", "<U")) and len(sizes) == 1:
        return [_TEXTS[place % ROWS] for place in range(first)]
    return [_array(sizes[1:], dtype) for _ in range(first)]
