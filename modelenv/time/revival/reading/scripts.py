"""The scripts that load the files of an old flavor of MLflow, without MLflow.

Names from a folder are put into them unchanged, so each is checked before. Each does what the
pyfunc wrapper of that flavor does: mlflow/lightgbm, mlflow/xgboost and mlflow/catboost of MLflow
1.0 to 3, if `predict` hands the table to the library. Other flavors are left to MLflow itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_HEAD = '''"""{what}

It is run by the loader in ``code/``, which takes what is called ``model``.
"""

import os

_DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), {data!r})
'''

_LIGHTGBM = """import lightgbm

model = lightgbm.Booster(model_file=_DATA)
"""

_XGBOOST = """import xgboost


class Model:
    def __init__(self, booster):
        self.booster = booster

    def predict(self, data):
        return self.booster.predict(xgboost.DMatrix(data))


_booster = xgboost.Booster()
_booster.load_model(_DATA)
model = Model(_booster)
"""

_OF_CLASS = """import {module}

model = {module}.{name}()
model.load_model(_DATA)
"""

_METHOD = """import pickle


class Model:
    def __init__(self, inner):
        self.inner = inner

    def predict(self, data):
        return self.inner.{method}(data)


with open(_DATA, "rb") as _file:
    model = Model(pickle.load(_file))
"""

_JOBLIB = """import joblib

model = joblib.load(_DATA)
"""

_SKOPS = """import skops.io


class Model:
    def __init__(self, inner):
        self.inner = inner

    def predict(self, data):
        return self.inner.{method}(data)


model = Model(skops.io.load(_DATA, trusted={trusted!r}))
"""

_BY_LOADER = """import {module}

model = {module}._load_pyfunc({given})
"""

_XGBOOST_CLASSES = ("XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier")
_CATBOOST_CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")


def script_of(flavor: str, said: Mapping[str, Any], data: str) -> str | None:
    """Return the script for a flavor's entry and its `data`; None: unknown flavor."""
    find = _KNOWN.get(flavor)
    body = find(said, data) if find is not None else None
    if body is None:
        return None
    what = f"The model of a file beside it, as MLflow's flavor {flavor} hands it out."
    return _HEAD.format(what=what, data=data) + body


def by_method(data: str, method: str) -> str:
    """Return the script for a pickle that predicts by another method than ``predict``."""
    what = f"The model of a pickle beside it, of which {method} predicts."
    return _HEAD.format(what=what, data=data) + _METHOD.format(method=method)


def by_joblib(data: str) -> str:
    """Return the script for what joblib wrote, which no plain unpickler reads."""
    what = "The model of a file beside it, which joblib wrote."
    return _HEAD.format(what=what, data=data) + _JOBLIB


def by_skops(data: str, trusted: Sequence[str], method: str = "predict") -> str:
    """Return the script for what skops wrote: no pickle, of types that it trusts or are named."""
    what = f"The model of a file beside it, which skops wrote, and of which {method} predicts."
    body = _SKOPS.format(method=method, trusted=list(trusted))
    return _HEAD.format(what=what, data=data) + body


def by_loader(module: str, data: str, config: object = None) -> str:
    """Return the script that has a loader of MLflow's, or of the model's own code, load `data`.

    The loader is given the model's `config` if it has one: plain data.
    """
    what = f"The model of {'a file beside it' if data else 'this folder'}, loaded by {module}."
    given = f"_DATA, {config!r}" if config else "_DATA"
    return _HEAD.format(what=what, data=data) + _BY_LOADER.format(module=module, given=given)


def _lightgbm(said: Mapping[str, Any], data: str) -> str | None:
    known = said.get("model_class", "lightgbm.basic.Booster") == "lightgbm.basic.Booster"
    return _LIGHTGBM if known and not data.endswith(".pkl") else None


def _xgboost(said: Mapping[str, Any], _: str) -> str | None:
    kind = str(said.get("model_class", "xgboost.core.Booster"))
    if kind == "xgboost.core.Booster":
        return _XGBOOST
    name = kind.rpartition(".")[2]
    known = kind.startswith("xgboost.") and name in _XGBOOST_CLASSES
    return _OF_CLASS.format(module="xgboost", name=name) if known else None


def _catboost(said: Mapping[str, Any], data: str) -> str | None:
    name = str(said.get("model_type", "CatBoost"))
    known = name in _CATBOOST_CLASSES and data.endswith(".cb")
    return _OF_CLASS.format(module="catboost", name=name) if known else None


_KNOWN: Mapping[str, Callable[[Mapping[str, Any], str], str | None]] = {
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
    "catboost": _catboost,
}
