"""Rows are made of a signature, and of what a fitted model says of itself."""

from __future__ import annotations

import importlib.util

import pytest

from modelenv.table.incoming.contract import schema_of
from modelenv.table.incoming.document import read_document
from modelenv.time.inside.modelenv_features import features_of
from modelenv.time.revival.rows import ROWS, Features, of_features, of_signature

needs_sklearn = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="scikit-learn is not installed"
)


def test_each_column_of_a_signature_has_values_of_its_type() -> None:
    types = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")
    fields = [{"name": kind, "type": kind} for kind in types]
    made = of_signature(fields, schema_of(fields), Features(values={"string": "basic"}))
    assert made is not None
    told, _, notes = read_document(made.document, dict(made.like))
    assert told["columns"] == list(types)
    assert told["rows"] == ROWS
    assert notes == []
    strings = [row[5] for row in made.document["dataframe_split"]["data"]]
    assert strings == ["basic"] * ROWS


@pytest.mark.parametrize(("shape", "expected"), [([-1, 3], [ROWS, 3]), ([-1, 2, 2], [ROWS, 2, 2])])
def test_a_tensor_has_the_sizes_of_its_signature(shape: list[int], expected: list[int]) -> None:
    fields = [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": shape}}]
    made = of_signature(fields, schema_of(fields), Features())
    assert made is not None
    told, _, _ = read_document(made.document, dict(made.like))
    assert (told["shape"], told["dtype"]) == (expected, "float32")


def test_a_signature_that_says_nothing_of_columns_gives_no_rows() -> None:
    fields = [{"type": "any"}]
    assert of_signature(fields, schema_of(fields), Features()) is None


def test_names_make_a_table_and_a_number_an_array() -> None:
    named = of_features(Features(names=("age", "plan"), count=2, values={"plan": "basic"}))
    assert named is not None
    assert named.document["dataframe_split"]["data"][0] == [0.5, "basic"]
    counted = of_features(Features(count=4))
    assert counted is not None
    told, _, _ = read_document(counted.document, dict(counted.like))
    assert told["shape"] == [ROWS, 4]
    assert of_features(Features()) is None


@needs_sklearn
def test_a_fitted_pipeline_says_its_columns_and_what_they_may_hold() -> None:
    pandas = pytest.importorskip("pandas")
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pandas.DataFrame({"age": [1.0, 2.0, 3.0], "plan": ["basic", "family", "basic"]})
    columns = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(), ["plan"]))
    model = make_pipeline(columns, LogisticRegression()).fit(table, [0, 1, 0])

    class Wrapped:
        def __init__(self) -> None:
            self.inner = model

        def predict(self, data: object) -> object:
            return self.inner.predict(data)

    for each in (model, Wrapped()):
        told = Features.of(features_of(each))
        assert told.names == ("age", "plan")
        assert told.values == {"plan": "basic"}


@needs_sklearn
def test_a_model_of_texts_takes_texts_and_an_array_model_a_number_of_columns() -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = make_pipeline(CountVectorizer(), LogisticRegression()).fit(["ab cd", "ef"], [0, 1])
    assert Features.of(features_of(texts)).texts
    plain = LogisticRegression().fit([[1.0, 2.0], [2.0, 1.0]], [0, 1])
    assert Features.of(features_of(plain)) == Features(count=2)


def test_a_model_that_raises_when_it_is_asked_says_nothing() -> None:
    class Model:
        @property
        def n_features_in_(self) -> int:
            raise RuntimeError("it is not fitted")

        def predict(self, data: object) -> object:
            return data

    assert not Features.of(features_of(Model())).is_known
