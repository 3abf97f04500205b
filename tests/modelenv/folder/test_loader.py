"""The loader calls a model as it wants to be called."""

from __future__ import annotations

import functools
import operator
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


class Loading:
    def load_context(self, context: Context) -> None:
        self.words = context.artifacts


class OfMlflow(Loading):
    """As a subclass of MLflow's PythonModel is, which gives the first of two any name."""

    def predict(self, c: Context, x: Any) -> Any:
        return x, c.artifacts


class Abbreviated:
    def predict(self, _ctx: Context, x: Any = None) -> Any:
        return x, _ctx.artifacts


class Tuned(Loading):
    """Its second argument has a default: the first is the data."""

    def predict(self, x: Any, scale: int = 1) -> Any:
        return x * scale, self.words


class Weighed(Loading):
    def predict(self, x: Any, weight: int) -> Any:
        return x * weight, self.words


@pytest.mark.parametrize(
    ("inner", "params", "predicted"),
    [
        (OfMlflow(), None, (7, CONTEXT.artifacts)),
        (Abbreviated(), None, (7, CONTEXT.artifacts)),
        (Tuned(), None, (7, CONTEXT.artifacts)),
        (Weighed(), {"weight": 3}, (21, CONTEXT.artifacts)),
        (lambda c, x: (x, c.artifacts), None, (7, CONTEXT.artifacts)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_first_of_two_is_the_context_whatever_its_name(
    inner: Any, params: Any, predicted: Any
) -> None:
    assert Model(inner, CONTEXT).predict(7, params) == predicted


def test_without_load_context_and_artifacts_the_name_says_that_it_is_the_context() -> None:
    alone = Context({})
    assert Model(lambda ctx, x: (x, ctx), alone).predict(7) == (7, alone)
    assert Model(lambda _, x: x, alone).predict(7) == 7


def answer(question: str, passage: str) -> str:
    return question + passage


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (answer, r"answer\(question, passage\) asks for 2 arguments, .* given one, its data"),
        (OfMlflow, r"OfMlflow is a class: the model is an instance of it, as OfMlflow\(\)"),
        (
            lambda context, x, y: y,
            r"\(context, x, y\) asks for 3 .* given two, its context and its",
        ),
        (lambda: 7, r"<lambda>\(\) takes no argument: give it one, for the data"),
    ],
    ids=["a function of two", "a class", "one too many", "a function of none"],
)
def test_a_model_that_asks_for_more_than_data_is_told_what_it_can_do(inner: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        Model(inner, Context({})).predict(7)


class Number:
    def doubled(self) -> int:
        return 2


def decorated(function: Any) -> Any:
    """Return what gives a function another argument, and says that it is that function."""

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        return function(*given, "of the decorator", **named)

    return call


class Delegating:
    """As estimators of scikit-learn before 1.1 are, whose methods are found when asked for."""

    @property
    def predict(self) -> Any:
        function = type(self).function
        return functools.update_wrapper(lambda *given: function(self, *given), function)

    def function(self, data: Any) -> Any:
        return data


@pytest.mark.parametrize("context", [Context({}), CONTEXT], ids=["alone", "with artifacts"])
def test_what_a_decorator_says_of_its_function_does_not_count_against_it(context: Context) -> None:
    assert Model(Delegating(), context).predict(7) == 7
    assert Model(decorated(lambda data, given, more=1: (data, given)), Context({})).predict(7) == (
        7,
        "of the decorator",
    )


def test_a_decorated_function_gets_the_context_that_it_names() -> None:
    def predict(context: Context, data: Any, given: str) -> Any:
        return context.artifacts, data, given

    assert Model(decorated(predict), CONTEXT).predict(7)[:2] == (CONTEXT.artifacts, 7)


def test_a_function_without_a_signature_gets_the_data_alone() -> None:
    assert Model(max, CONTEXT).predict([1, 3]) == 3


@pytest.mark.parametrize("context", [Context({}), CONTEXT], ids=["alone", "with artifacts"])
def test_a_method_that_is_not_bound_gets_the_data_as_its_self(context: Context) -> None:
    assert Model(str.upper, context).predict("a") == "A"
    assert Model(operator.methodcaller("title"), context).predict("a b") == "A B"
    assert Model(Number.doubled, Context({})).predict(Number()) == 2
