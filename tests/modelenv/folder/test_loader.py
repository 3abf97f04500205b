"""The loader calls a model as it wants to be called."""

from __future__ import annotations

from typing import Any

import pytest

from modelenv.folder.loader import Context, Model

CONTEXT = Context({"words": "words.txt"})


class Plain:
    def predict(self, data: Any) -> Any:
        return data, {}


class Open:
    """As scikit-learn's pipelines are: what is left over has the name of our own argument."""

    def predict(self, data: Any, **params: Any) -> Any:
        return data, params


class Named:
    def predict(self, data: Any, params: Any = None) -> Any:
        return data, params


class WithContext:
    def predict(self, context: Context, model_input: Any) -> Any:
        return model_input, context.artifacts


class AboutContexts:
    """Its data is what it calls a context."""

    def predict(self, context: Any) -> Any:
        return context, {}


@pytest.mark.parametrize(
    ("inner", "params", "told"),
    [
        (Plain(), None, {}),
        (lambda data: (data, {}), None, {}),
        (Open(), None, {}),
        (Open(), {"k": 3}, {"k": 3}),
        (Named(), None, None),
        (Named(), {"k": 3}, {"k": 3}),
        (WithContext(), None, {"words": "words.txt"}),
        (AboutContexts(), None, {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_model_gets_its_data_and_what_else_it_asks_for(
    inner: Any, params: Any, told: Any
) -> None:
    assert Model(inner, CONTEXT).predict(7, params) == (7, told)


def test_a_function_without_a_signature_gets_the_data_alone() -> None:
    assert Model(max, CONTEXT).predict([1, 3]) == 3
