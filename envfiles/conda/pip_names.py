"""Conda dependencies translated to pip requirements."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name

from ..errors import InvalidEntry
from .match_spec import MatchSpec, parse_match_spec

# Conda packages whose distribution has another name.
_NAMES = {
    "dask-core": "dask",
    "faiss": "faiss-cpu",
    "grpc-python": "grpcio",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python",
    "polars-lts-cpu": "polars",
    "py-opencv": "opencv-python",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "python-graphviz": "graphviz",
    "python-xxhash": "xxhash",
    "pytables": "tables",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "seaborn-base": "seaborn",
    "sqlalchemy-base": "sqlalchemy",
    "tensorflow-base": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
}


def conda_as_pip(dependency: str) -> str | None:
    """Return a conda dependency as a requirement for pip, whatever conda installs by it.

    Parts that pip cannot express (a build, "1.26 or 1.27") are left out: the name alone remains.
    None if it names no package, or one that no distribution can be called.

    >>> conda_as_pip("conda-forge::pytorch=2.1"), conda_as_pip("numpy 1.26.4 py311_0")
    ('torch==2.1.*', 'numpy==1.26.4')
    """
    try:
        spec = parse_match_spec(dependency)
    except InvalidEntry:
        return None
    try:
        name = _NAMES.get(spec.name) or canonicalize_name(spec.name, validate=True)
    except InvalidName:
        return None  # any package ("*"), or one that only conda has ("_openmp_mutex")
    try:
        return str(Requirement(f"{name}{_specifier(spec)}"))
    except InvalidRequirement:
        return name


def _specifier(spec: MatchSpec) -> str:
    """Return conda's version as a specifier (PEP 440): `=1.26` means 1.26 and all that begin so."""
    if spec.exact is None:
        return "" if spec.version == "*" else spec.version
    begins = spec.version.endswith("*") or spec.version.count("=") == 1
    return f"=={spec.exact}" + (".*" if begins else "")


def conda_admits(dependency: str, version: str) -> bool:
    """Return whether a conda dependency, as that on Python, admits a version.

    >>> conda_admits("conda-forge::python >=3.10,<3.12", "3.11.7")
    True
    """
    return parse_match_spec(dependency).admits(version)
