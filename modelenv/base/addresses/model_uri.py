"""The location of a model in MLflow's terms: a folder, ``file:``, ``runs:/``, ``models:/``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from .. import arguments
from ..errors import ModelenvError, WrongUseError

# A single letter is a Windows drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(/|$)")
_FILE = re.compile(r"file:", re.IGNORECASE)


@dataclass(eq=False)
class NotLocalError(WrongUseError):
    """A model is in a store of MLflow's, and the operation needs a local folder."""

    uri: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.uri} is no folder of this machine, and {self.reason}: `mlflow artifacts"
            f" download --artifact-uri {self.uri} --dst-path DIR` downloads it, then name the"
            " folder that it prints"
        )


@dataclass(eq=False)
class DownloadFailedError(ModelenvError):
    """MLflow could not download a model."""

    uri: str
    cause: BaseException

    def __str__(self) -> str:
        said = " ".join(str(self.cause).split()) or type(self.cause).__name__
        return (
            f"MLflow could not download {self.uri}: {said}\n"
            "It looks where MLFLOW_TRACKING_URI and MLFLOW_REGISTRY_URI lead."
        )


def is_remote(place: str | os.PathLike[str]) -> bool:
    """Return whether a model's place is a URI that does not name local files.

    >>> is_remote("runs:/0a1b/model"), is_remote("file:///m"), is_remote("C:/m"), is_remote("m")
    (True, False, False, False)
    """
    if not isinstance(place, str):
        return False
    return _SCHEME.match(place) is not None and _FILE.match(place) is None


def local(place: str | os.PathLike[str], what: str = "the model folder") -> Path:
    """Return the path of a model on this machine: a path as it is, or a ``file:`` URI.

    Raises BadArgumentError, and NotLocalError for another URI, with the command that downloads it.
    """
    path = arguments.path(what, place)
    if not isinstance(place, str):
        return path
    if is_remote(place):
        raise NotLocalError(place, "what is changed here has to be one")
    if _FILE.match(place) is None:
        return path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname  # this import loads HTTP servers, which is slow

    return Path(url2pathname(urlsplit(place).path))


def download(uri: str, into: Path) -> Path:
    """Download the model of a URI through MLflow into an empty folder; return its path.

    Raises NotLocalError if MLflow cannot be imported, DownloadFailedError.
    """
    try:
        artifacts = import_module("mlflow.artifacts")
    except ImportError as error:
        raise NotLocalError(uri, f"MLflow cannot be imported to fetch it ({error})") from error
    try:
        return Path(artifacts.download_artifacts(artifact_uri=uri, dst_path=str(into)))
    except Exception as error:  # each of MLflow's stores raises its own errors
        raise DownloadFailedError(uri, error) from error
