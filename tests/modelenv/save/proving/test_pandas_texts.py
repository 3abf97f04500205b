"""Predictions in which pandas handles texts, so that pyarrow is foreseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelenv.save.proving.pandas_texts import holds_texts

NUMBERS = {"type": "ndarray"}
NAMED = {"type": "dataframe", "columns": ["a", "b"], "dtypes": ["float64", "float64"]}
UNNAMED = {"type": "dataframe", "columns": [0, 1], "dtypes": ["float64", "float64"]}
WORDS = {"type": "dataframe", "columns": [0], "dtypes": ["str"]}
LABELLED = {**UNNAMED, "index": {"levels": [{"name": None, "dtype": "str"}]}}
SUM = '''
"""Sum the columns."""
import pandas as pd
class Model:
    """A model."""
    def predict(self, rows):
        """Return the sums."""
        return pd.DataFrame(rows).sum(axis=1)
'''
BY_NAME = SUM.replace("sum(axis=1)", "sum(axis=1).rename('total')")
ELSEWHERE = "NAME = 'a text, and no pandas'\n"


@pytest.mark.parametrize(
    ("example", "pickled", "others", "source", "texts"),
    [
        (NUMBERS, ["model"], ["numpy", "pandas"], SUM, False),
        (NUMBERS, ["model"], ["pandas"], ELSEWHERE, False),
        (NUMBERS, ["model"], ["pandas"], BY_NAME, True),
        (NUMBERS, ["model", "pandas.core.frame"], ["pandas"], SUM, True),
        (NUMBERS, ["model", "pandasql"], ["pandas"], SUM, False),
        (NUMBERS, ["__main__"], ["pandas"], None, True),
        (NUMBERS, ["model"], ["pandas"], "def (", True),
        (NAMED, ["model"], ["numpy", "pandas"], SUM, False),
        (NAMED, ["model"], ["pandas"], BY_NAME, True),
        (NAMED, ["sklearn.pipeline"], ["pandas", "scikit-learn"], None, True),
        (UNNAMED, ["sklearn.pipeline"], ["pandas", "scikit-learn"], None, False),
        (WORDS, ["model"], ["pandas"], SUM, True),
        (LABELLED, ["model"], ["pandas"], SUM, True),
        ({"type": "series", "dtype": "str"}, ["model"], ["pandas"], SUM, True),
        ({"type": "dict", "items": {"rows": WORDS}}, ["model"], ["pandas"], SUM, True),
        ({"type": "list", "items": [UNNAMED, WORDS]}, ["model"], ["pandas"], SUM, True),
    ],
)
def test_texts_of_pandas_are_foreseen(
    example: dict[str, Any],
    pickled: list[str],
    others: list[str],
    source: str | None,
    texts: bool,
    tmp_path: Path,
) -> None:
    file = tmp_path / "model.py"
    if source is not None:
        file.write_text(source, "utf-8")
    sources = [] if source is None else [file]
    assert holds_texts(example, pickled, others, sources) is texts


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("input_example.json", "[1.5, 2]", False),
        ("input_example.json", '["a", "b"]', True),
        ("input_example.json", '[{"price": 1}]', True),
        ("input_example.pkl", "", True),
    ],
)
def test_texts_of_the_example_become_those_of_pandas(
    name: str, content: str, texts: bool, tmp_path: Path
) -> None:
    example, source = tmp_path / name, tmp_path / "model.py"
    example.write_text(content, "utf-8")
    source.write_text(SUM, "utf-8")
    described = {"type": "json_object", "file": str(example)}
    assert holds_texts(described, ["model"], ["pandas"], [source]) is texts
