"""Model files in libraries' own formats, as MLflow's flavors name them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from ...folder.model_folder import ModelFolder


@dataclass(frozen=True, slots=True)
class NativeFlavor:
    """A flavor whose model file is no pickle."""

    name: str
    distribution: str
    key: str
    """The key under which the file has the version that wrote it."""
    reader: str
    """The class or function that reads the file."""
    text: bytes = b""
    """The first bytes of the newer text format, if older files are binary; empty: one format."""


_FLAVORS = (
    NativeFlavor("catboost", "catboost", "catboost_version", "catboost.core.CatBoost.load_model"),
    NativeFlavor("lightgbm", "lightgbm", "lgb_version", "lightgbm.basic.Booster"),
    NativeFlavor("xgboost", "xgboost", "xgb_version", "xgboost.core.Booster.load_model", b"{"),
)


@dataclass(frozen=True, slots=True)
class NativeFile:
    """A model in its library's own format; it counts as a pickle that names its reader."""

    distribution: str
    version: Version | None
    """The version that wrote it; empty if the flavor does not state it."""
    reader: str
    """``xgboost.core.Booster.load_model``; with ``.binary`` for its old format."""


def native_files(model: ModelFolder) -> Iterator[NativeFile]:
    """Yield the files of a model that its flavors name and that are no pickles."""
    pickles = frozenset(model.pickles)
    for flavor in _FLAVORS:
        said = model.flavors.get(flavor.name)
        data = said.get("data") if isinstance(said, dict) else None
        if not isinstance(said, dict) or not isinstance(data, str):
            continue
        file = model.path / data
        if file in pickles or not file.resolve().is_relative_to(model.path.resolve()):
            continue
        if file.is_file():
            with file.open("rb") as opened:
                is_old = not opened.read(len(flavor.text)).startswith(flavor.text)
            reader = f"{flavor.reader}.binary" if is_old else flavor.reader
            yield NativeFile(flavor.distribution, _version(said.get(flavor.key)), reader)


def _version(said: object) -> Version | None:
    try:
        return Version(said) if isinstance(said, str) else None
    except InvalidVersion:
        return None
