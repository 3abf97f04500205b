"""Versions that made an old model, from other places than its lines.

MLflow's flavors name the version of their library (``sklearn_version: 1.0.2``), and scikit-learn's
pickles name their own. If a line leaves a version open, that one is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from ....base.siblings import envfiles
from ....folder.mlmodel import FILE
from ....folder.model_folder import ModelFolder
from ....repair.context import versions_in

_KEYS = MappingProxyType(
    {
        ("catboost", "catboost_version"): "catboost",
        ("fastai", "fastai_version"): "fastai",
        ("lightgbm", "lgb_version"): "lightgbm",
        ("onnx", "onnx_version"): "onnx",
        ("prophet", "prophet_version"): "prophet",
        ("python_function", "cloudpickle_version"): "cloudpickle",
        ("pytorch", "pytorch_version"): "torch",
        ("sklearn", "sklearn_version"): "scikit-learn",
        ("spacy", "spacy_version"): "spacy",
        ("statsmodels", "statsmodels_version"): "statsmodels",
        ("xgboost", "xgb_version"): "xgboost",
    }
)
"""The distribution with its version under a flavor's key, as MLflow 1.0 to 3 write them."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A version that made a model, and who says so."""

    version: Version
    said_by: str


def hints_of(folder: ModelFolder) -> Mapping[str, Hint]:
    """Return what a folder of MLflow's says of versions, by the names of distributions."""
    flavors = _iter_flavors(folder.flavors)
    found = {name: Hint(version, said) for name, version, said in flavors}
    own = _read(folder.document.get("mlflow_version"))
    if own is not None:
        found["mlflow"] = Hint(own, f"{FILE} says mlflow_version: {own}")
    built = built_with(folder.environment)
    if built is not None:
        found["setuptools"] = Hint(built, f"its build dependencies have {built}")
    for pickle in folder.pickles:
        found |= hints_in(pickle, pickle.relative_to(folder.path).as_posix())
    return found


def hints_in(pickle: Path, name: str) -> Mapping[str, Hint]:
    """Return the versions that a pickle states; reports call it by a `name`."""
    read = {each: _read(text) for each, text in versions_in(pickle).items()}
    return {
        each: Hint(version, f"{name} says that it is of {version}")
        for each, version in read.items()
        if version is not None
    }


def built_with(spec: envfiles.EnvSpec) -> Version | None:
    """Return the setuptools that an environment was built with; None: it does not say.

    A builder's own number (``58.0.4.post20210920``, of Anaconda's) means the release without it.
    """
    for tool in spec.build_dependencies:
        asked = Requirement(tool)
        exact = [each.version for each in asked.specifier if each.operator == "=="]
        version = _read(exact[0]) if exact and asked.name.lower() == "setuptools" else None
        if version is not None:
            return Version(version.base_version)
    return None


def _iter_flavors(flavors: Mapping[str, Any]) -> Iterator[tuple[str, Version, str]]:
    for (flavor, key), name in _KEYS.items():
        said = flavors.get(flavor)
        version = _read(said.get(key)) if isinstance(said, dict) else None
        if version is not None:
            yield name, version, f"{FILE} says {key}: {version}"


def _read(said: object) -> Version | None:
    try:
        return Version(said) if isinstance(said, str) else None
    except InvalidVersion:
        return None
