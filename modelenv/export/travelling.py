"""Files that are written beside a model and run there: templates, with the model's constants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .subject import Subject

_INSIDE = Path(__file__).parent / "inside"
_KEPT = ("type", "file", "dtype", "columns", "dtypes")
_OF_JSON = frozenset({"ndarray", "dataframe", "series", "json_object", "mlflow", "none"})
"""The types of input that JSON can represent."""


def travelling(name: str, **constants: object) -> str:
    """Return the text of a file that travels, with other values for some of its constants."""
    text = (_INSIDE / f"{name}.py").read_text("utf-8")
    for constant, value in constants.items():
        found = re.search(rf"^{constant}(: [^=\n]+)? = .*$", text, re.MULTILINE)
        assert found is not None, constant
        text = f"{text[: found.start()]}{constant} = {value!r}{text[found.end() :]}"
    return text


def predicting(subject: Subject) -> str:
    """Return the module that loads the model and predicts with it."""
    mlmodel = subject.folder.mlmodel
    loaded_by = "mlflow" if mlmodel.written_by_mlflow else mlmodel.loader
    return travelling(
        "predicting", MODEL=subject.model, LOADED_BY=loaded_by, INPUT=input_of(subject)
    )


def input_of(subject: Subject) -> dict[str, Any]:
    """Return the description of a model's input for its conversion from JSON."""
    said = _first(subject.folder.mlmodel.input)
    return {key: said[key] for key in _KEPT if key in said}


def iter_unreadable(subject: Subject) -> Iterator[str]:
    """Yield a sentence if rows of the model's input have no form in JSON."""
    kind = str(input_of(subject).get("type"))
    if kind not in _OF_JSON:
        yield f"its recorded input ({kind}): JSON cannot hold it, and values are passed on as read"


def _first(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the description of the first of several examples, or of the only one."""
    items = described.get("items")
    return items[0] if described.get("type") == "examples" and items else described
