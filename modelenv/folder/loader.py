"""Load the model of this folder. Travels with it: no tool has to be installed to use it.

MLflow calls ``_load_pyfunc`` with the path of the model's data; a script can do the same:

    import sys
    sys.path.insert(0, "wine_model/code")
    from modelenv_pyfunc_loader import load_model
    model = load_model("wine_model")
    model.predict(data)
"""

from __future__ import annotations

import importlib.machinery
import inspect
import json
import os
import pickle
import re
import sys

TYPE_CHECKING = False  # `typing` is not needed to run this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

_DATA = ("model.pkl", "model.py")
_SCRIPT = "modelenv_model_code"
# Our flavor in MLmodel, and its entries on one line each.
_OURS = re.compile(r"^  modelenv:\n((?:    .*\n)*)", re.MULTILINE)
_LINE = re.compile(r"^    (\w+): '?([\w.]+)'?$", re.MULTILINE)
# What the context is called, without underscores: a plain `_` is one that the model does not use.
_CONTEXTS = ("context", "ctx", "")
_GIVEN = {1: "one, its data", 2: "two, its context and its data"}
# Parameters that take one value by its position.
_ONE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
# Variables of MLflow that forbid models with code, or pickles.
_ALLOWS_CODE = "MLFLOW_ALLOW_MODEL_CODE_EXECUTION"
_ALLOWS_PICKLES = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"


class Context:
    """The context passed to ``load_context`` and ``predict`` of a model with artifacts."""

    def __init__(self, artifacts: dict[str, str], model_config: Any = None) -> None:
        self.artifacts = artifacts
        self.model_config = model_config


class Model:
    """The model with a single method ``predict``, whatever the name of its own."""

    def __init__(self, inner: Any, context: Context) -> None:
        _check(inner)
        self.inner = inner
        self._context = context
        self._call: Callable[..., Any] = inner.predict if hasattr(inner, "predict") else inner
        self._parameters = _parameters(self._call)
        # What a decorator says of the function that it wraps may not be what it takes itself.
        self._own = _parameters(self._call, follow_wrapped=False)
        self._wants_params = any(
            each.name == "params" and each.kind is not each.VAR_KEYWORD for each in self._parameters
        )
        self._is_mlflows = hasattr(inner, "load_context") or bool(context.artifacts)
        if hasattr(inner, "load_context"):
            inner.load_context(context)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the prediction for `data`.

        `params` are passed to the model's own argument of that name if it has one, else as
        keywords. Raises TypeError for a model that asks for more than that, or for no data.
        """
        keywords = {"params": params} if self._wants_params else params or {}
        given = (self._context, data) if self._wants_context(keywords) else (data,)
        takes, asked = _by_position(self._own, keywords)
        is_open = any(each.kind is each.VAR_POSITIONAL for each in self._own)
        if len(asked) > len(given) or not (takes or is_open):
            raise TypeError(_misfit(self.inner, asked, len(given)))
        return self._call(*given, **keywords)

    def _wants_context(self, keywords: dict[str, Any]) -> bool:
        """Return whether the first argument is the context: by its name, or as MLflow does.

        With ``load_context`` or artifacts it may have any name: it is the first of two.
        """
        takes, asked = _by_position(self._parameters, keywords)
        return len(takes) > 1 and (
            takes[0].strip("_") in _CONTEXTS or (self._is_mlflows and len(asked) == 2)
        )


def _load_pyfunc(path: str, model_config: Any = None) -> Model:
    """Load the model whose data is at `path`, a file or the folder that holds it."""
    if os.path.isdir(path):
        path = next(filter(os.path.exists, (os.path.join(path, name) for name in _DATA)), path)
    said = _stated(os.path.join(os.path.dirname(path), "MLmodel"))
    is_plain = path.endswith(".py") and said.get("script_unpickles") != "true"
    _check_allowed(path, (_ALLOWS_CODE,) if is_plain else (_ALLOWS_CODE, _ALLOWS_PICKLES))
    _check_python(said)
    inner = _run_script(path) if path.endswith(".py") else _unpickle(path)
    return Model(inner, Context(_artifacts(os.path.dirname(path)), model_config))


def load_model(folder: str) -> Model:
    """Load the model in `folder`."""
    return _load_pyfunc(os.path.abspath(folder))


def _unpickle(path: str) -> Any:
    with open(path, "rb") as file:
        return pickle.load(file)


def _stated(described: str) -> dict[str, str]:
    """Return the one-line values of our flavor in MLmodel, read without a YAML parser."""
    if not os.path.exists(described):
        return {}
    with open(described, encoding="utf-8") as file:
        ours = _OURS.search(file.read())
    return dict(_LINE.findall(ours.group(1))) if ours else {}


def _check_allowed(path: str, variables: tuple[str, ...]) -> None:
    """Raise RuntimeError if a variable of MLflow's forbids loading the data at `path`."""
    for variable in variables:
        said = os.environ.get(variable, "true")
        if said.lower() in ("true", "1"):
            continue
        what = "runs its code" if path.endswith(".py") else "unpickles it, which runs code"
        raise RuntimeError(
            "%s=%s, and loading %s %s: set it to true, or unset it, if you trust this model"
            % (variable, said, os.path.basename(path), what)
        )


def _check_python(said: dict[str, str]) -> None:
    """Raise RuntimeError if, as MLmodel says, its pickles hold bytecode of another Python.

    That would crash this process without a message.
    """
    made = tuple(said.get("pickled_with", "").split(".")[:2])
    here = tuple(map(str, sys.version_info[:2]))
    if said.get("code_by_value") == "true" and made[1:] and made != here:
        raise RuntimeError(
            "a pickle of the model holds code by value, compiled by Python %s, and this is Python"
            " %s: bytecode is of one minor version. Run it with Python %s, or put that code into a"
            " module that is imported, and save the model again"
            % (said["pickled_with"], ".".join(here), ".".join(made))
        )


def _run_script(path: str) -> Any:
    """Run the script that defines the model and return its global ``model``."""
    module = type(sys)(_SCRIPT)
    module.__file__ = path
    # Tracebacks through a module without it cause warnings since Python 3.15.
    module.__loader__ = importlib.machinery.SourceFileLoader(_SCRIPT, path)
    module.__spec__ = importlib.machinery.ModuleSpec(_SCRIPT, module.__loader__, origin=path)
    sys.modules[_SCRIPT] = module
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), module.__dict__)
    if not hasattr(module, "model"):
        raise AttributeError(
            "%s defines no variable `model`: assign the model to that name" % os.path.basename(path)
        )
    return module.model


def _artifacts(folder: str) -> dict[str, str]:
    """Return the paths of the files that travel with the model, by their names."""
    index = os.path.join(folder, "artifacts.json")
    if not os.path.exists(index):
        return {}
    with open(index, encoding="utf-8") as file:
        return {name: os.path.join(folder, place) for name, place in json.load(file).items()}


def _parameters(call: Callable[..., Any], follow_wrapped: bool = True) -> list[inspect.Parameter]:
    """Return the parameters of a function; `*args` for a C function without a signature.

    With `follow_wrapped` they are those of the function that a decorator wraps, without `self`:
    scikit-learn before 1.1 wraps functions that are not bound.
    """
    try:
        signature = inspect.signature(call, follow_wrapped=follow_wrapped)
    except (TypeError, ValueError):
        return [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
    wraps = follow_wrapped and hasattr(call, "__wrapped__")
    return [each for each in signature.parameters.values() if not (wraps and each.name == "self")]


def _by_position(
    parameters: Iterable[inspect.Parameter], keywords: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Return what may be given by position beside `keywords`, and what of it has to be."""
    free = [each for each in parameters if each.name not in keywords and each.kind in _ONE]
    asked = [each.name for each in free if each.default is each.empty]
    return [each.name for each in free], asked


def _check(model: Any) -> None:
    """Raise TypeError for what cannot predict: a class, data, a dict with a model in it."""
    name = type(model).__name__
    if inspect.isclass(model) and inspect.isfunction(
        inspect.getattr_static(model, "predict", None)
    ):
        name = model.__name__
        raise TypeError("%s is a class: the model is an instance of it, as %s()" % (name, name))
    if _can_predict(model):
        return
    parts = model if isinstance(model, dict) else {}
    if isinstance(model, (list, tuple)):
        parts = dict(enumerate(model))
    place = next((repr(key) for key, part in parts.items() if _can_predict(part)), None)
    way = "" if place is None else ": what is in it at %s can predict, so give that" % place
    said = "the model has no method `predict` and is not callable: it is of the type %s%s"
    raise TypeError(said % (name, way))


def _can_predict(model: Any) -> bool:
    return callable(getattr(model, "predict", None)) or callable(model)


def _misfit(inner: Any, asked: list[str], given: int) -> str:
    """Return what a model is told that asks for more arguments than are given, or for none."""
    kind = type(inner).__name__
    name = kind + ".predict" if hasattr(inner, "predict") else getattr(inner, "__name__", kind)
    if not asked:
        return "%s() takes no argument: give it one, for the data" % name
    return (
        "%s(%s) asks for %d arguments, and a model is given %s: name the first `context` if it is"
        " the context of MLflow, and give each other one a default, or a value in `params`"
        % (name, ", ".join(asked), len(asked), _GIVEN[given])
    )
