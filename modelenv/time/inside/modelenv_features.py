"""The inputs of a fitted model: the number of columns, their names and values.

It replaces the model's own loader, beside which it lies: its "prediction" is this description. It
reads the attributes that scikit-learn, LightGBM and XGBoost give their models. Travels into other
interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_MOST_NAMES = 10_000
_DEEP = 4
_LOADER = "modelenv_pyfunc_loader"


class AskedModel:
    """A loaded model that is asked for its inputs."""

    def __init__(self, model: object) -> None:
        self._model = model

    def predict(self, _: object) -> dict[str, Any]:
        """Return the description of its inputs, whatever the input is."""
        return features_of(self._model)


def _load_pyfunc(path: str, model_config: Any = None) -> AskedModel:
    """Load the model whose data lies at `path`, by the loader in its folder."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, os.path.join(os.path.dirname(path), "code"))
    return AskedModel(__import__(_LOADER)._load_pyfunc(path))


def features_of(model: object) -> dict[str, Any]:
    """Return the inputs of a model, as plain data.

    `count` is the number of columns, 0 if it is unknown; `names` are their names, if known;
    `values` are texts that a column may hold, by its name or position; with `texts` it takes a list
    of texts instead of a table.
    """
    found: dict[str, Any] = {"count": 0, "names": [], "values": {}, "texts": False}
    for each in _inner(model, _DEEP):
        if not found["count"]:
            found["count"] = _count(each)
        if not found["names"]:
            found["names"] = _names(each)
        found["texts"] = found["texts"] or isinstance(_of(each, "vocabulary_"), dict)
        for place, text in _values(each):
            found["values"].setdefault(place, text)
    if found["names"]:
        found["count"] = len(found["names"])
    found["texts"] = found["texts"] and not found["count"]
    return found


def _of(holder: object, name: str) -> Any:
    """Return an attribute; None if it is missing, or raises."""
    try:
        return getattr(holder, name, None)
    except Exception:  # noqa: BLE001  # a property of a model may raise anything
        return None


def _answer(asked: Any) -> Any:
    """Return the result of a method; None if it raises."""
    try:
        return asked()
    except Exception:  # noqa: BLE001  # it may raise anything, as for want of a fit
        return None


def _inner(model: object, deep: int) -> Iterator[object]:
    """Yield a model and those it wraps, the outermost first, each once."""
    met: set[int] = set()
    level = [model]
    for _ in range(deep):
        below: list[object] = []
        for each in level:
            if id(each) not in met:
                met.add(id(each))
                yield each
                below += _parts(each)
        level = below


def _parts(model: object) -> list[object]:
    """Return the parts of a model that see its input: the first step, each transformer."""
    steps = _of(model, "steps")
    if isinstance(steps, list) and steps:
        return [step[1] for step in steps[:1]]
    transformers = _of(model, "transformers_")
    if isinstance(transformers, list):
        return []  # their columns are not those of the input
    held = _of(model, "__dict__")
    values = list(held.values()) if isinstance(held, dict) else []
    return [each for each in values if hasattr(type(each), "predict") or hasattr(each, "steps")]


def _count(model: object) -> int:
    for name in ("n_features_in_", "n_features_", "n_features"):
        found = _whole(_of(model, name))
        if found:
            return found
    for name in ("num_feature", "num_features"):  # boosters: LightGBM's, XGBoost's
        asked = _of(model, name)
        found = _whole(_answer(asked)) if callable(asked) else 0
        if found:
            return found
    shape = getattr(_of(model, "coef_"), "shape", ())
    return _whole(shape[-1]) if shape else 0


def _whole(value: object) -> int:
    try:
        number = int(value)  # type: ignore[call-overload]  # numpy's integers too
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 < number <= _MOST_NAMES else 0


def _names(model: object) -> list[str]:
    for name in ("feature_names_in_", "feature_name_", "feature_names_", "feature_names"):
        found = _texts(_of(model, name))
        if found:
            return found
    asked = _of(model, "feature_name")
    found = _texts(_answer(asked)) if callable(asked) else []
    if found:
        return found
    columns = [name for _, names in _columns(model) for name in names if isinstance(name, str)]
    return list(dict.fromkeys(columns))


def _texts(value: object) -> list[str]:
    """Return a sequence of texts as a list; empty for any other value."""
    try:
        found = list(value)[:_MOST_NAMES]  # type: ignore[call-overload]
    except TypeError:
        return []
    return [str(each) for each in found] if all(isinstance(each, str) for each in found) else []


def _columns(model: object) -> Iterator[tuple[object, list[object]]]:
    """Yield each transformer of a ``ColumnTransformer`` with its columns."""
    transformers = _of(model, "transformers_")
    for each in transformers if isinstance(transformers, list) else ():
        if isinstance(each, tuple) and len(each) == 3:
            columns = each[2]
            if isinstance(columns, (str, int)):
                yield each[1], [columns]
            else:
                try:
                    yield each[1], list(columns)
                except TypeError:  # a slice, or a callable
                    continue


def _values(model: object) -> Iterator[tuple[str, str]]:
    """Yield a text for each column that an encoder has categories of."""
    own: list[tuple[object, list[object]]] = [(model, list(range(len(_categories(model)))))]
    for transformer, columns in (*own, *_columns(model)):
        known: Sequence[Sequence[object]] = ()
        for each in _inner(transformer, _DEEP):
            known = known or _categories(each)
        for column, categories in zip(columns, known):
            first = next((each for each in categories if isinstance(each, str)), None)
            if first is not None:
                yield str(column), str(first)


def _categories(model: object) -> Sequence[Sequence[object]]:
    found = _of(model, "categories_")
    return found if isinstance(found, list) else ()
