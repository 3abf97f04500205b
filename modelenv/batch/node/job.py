"""The data that a node needs about a model: plain data, made by a driver, without secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ...worker.job import Material

_LOADERS = Path(__file__).resolve().parents[2] / "folder"
LOADER_OF_MLFLOW = "mlflow_loader.py"
"""The loader of a model that MLflow wrote, which has none: it travels with our code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFiles:
    """The files of a model folder: their place, or their content."""

    path: str
    """The driver's absolute path of the folder, which a node has if they share a file system."""
    digests: Mapping[str, str]
    """The SHA-256 of each file, in hexadecimal, by its path below the folder, with slashes."""
    contents: Mapping[str, bytes] | None = field(default=None, repr=False)
    """The content of each file; None if it is at `path`."""

    @property
    def kind(self) -> Literal["path", "inline"]:
        """Whether a node reads them at their path, or gets their content."""
        return "path" if self.contents is None else "inline"

    @property
    def key(self) -> str:
        """The identity of these files, independent of their place."""
        return digest_of(sorted(self.digests.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEnvironment:
    """The source of a model's environment on any node: a pack, or lines to install."""

    kind: Literal["packed", "built"]
    file: str = ""
    """The absolute path of the pack; it may also be in the working folder of a node's process."""
    sha256: str = ""
    """The SHA-256 of the pack."""
    python: str = ""
    """The version of Python to build with, as ``3.12.7`` or ``3.12``; with a "t": free-threaded."""
    exact: bool = False
    """Whether exactly that release is needed."""
    lines: tuple[str, ...] = ()
    """The lines to install, as in a requirements file, without hashes."""
    hashes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The allowed hashes of the files of a line, as ``sha256:…``, from the model's own lines."""
    locked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The allowed hashes of other lines, from the model's lock."""
    locked_for: Mapping[str, str] = field(default_factory=dict)
    """The platform of the lock, as marker variables; empty for any platform."""
    options: tuple[str, ...] = ()
    """Options that locate files, as lines of a requirements file, without logins."""
    constraints: tuple[str, ...] = ()
    """Constraints on the dependencies, as lines of a constraints file."""
    closed: bool = True
    """Whether the lines are a complete closure, installed without dependencies."""
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The config settings of a distribution's build backend, as ``key=value``, by name."""
    wheels: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each wheel that travels in the model folder, by its path there."""

    @property
    def key(self) -> str:
        """Its identity: the SHA-256 of its content, in hexadecimal."""
        if self.kind == "packed":
            return digest_of(["packed", self.sha256])
        return digest_of({each.name: getattr(self, each.name) for each in fields(self)})


@dataclass(frozen=True, kw_only=True)
class NodeJob:
    """A model that predicts batches on a node; its paths are relative to its folder."""

    name: str
    """Its name in messages."""
    data: str
    """The model's data, as its loader takes it; ``.`` for the folder."""
    loader: str
    """Its loader; empty for MLflow's."""
    code: tuple[str, ...] = ()
    """Folders of first-party code, put first on the path."""
    input: Mapping[str, Any] = field(default_factory=lambda: {"type": "none"})
    """The description of its example, with the path of its file."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of its recorded prediction."""
    like: Mapping[str, Any] = field(default_factory=dict)
    """The description of an input."""
    recorded: Mapping[str, Any] = field(default_factory=lambda: {"type": "none"})
    """The description of the prediction on its example."""
    params: Mapping[str, Any] | None = None
    """The parameters of each prediction."""
    known_params: tuple[Mapping[str, Any], ...] = ()
    """The parameters in its signature, in MLflow's format."""
    files: FolderFiles
    environment: NodeEnvironment
    seal: str = "auto"
    """The requested seal, as `SealRequest` spells it."""
    allow_hosts: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()
    timeout: float = 600.0
    """The time limit of one batch, in seconds."""
    start_timeout: float = 600.0
    """The time limit of loading the model, in seconds."""
    idle: float = 300.0
    """The idle time in seconds after which its process on a node is ended."""
    memory: int | None = None
    """The memory limit of each of its processes, in bytes."""
    keep: tuple[str, ...] = ()
    """Columns of a batch that are passed through, before those of the prediction."""
    returns: str = "like"
    """The type of the returned predictions: see `predict_batches`."""

    @property
    def root(self) -> Path:
        """The model folder; on a node, after its files are laid out there."""
        return Path(self.files.path)

    @cached_property
    def key(self) -> str:
        """Its identity: two jobs with one key may share a process."""
        told = {name: value for name, value in self.to_plain().items() if name != "files"}
        told["environment"] = self.environment.key
        return digest_of({**told, "files": self.files.key})

    def at(self, root: Path) -> NodeJob:
        """Return the job of the same model with its files in the folder `root`."""
        return replace(self, files=replace(self.files, path=str(root), contents=None))

    def material(self) -> Material:
        """Return the model on the disk of this node, whose `files` are at their path."""
        from ...worker.job import Material  # it imports most of the code that reads values

        own = self.root / self.loader if self.loader else _LOADERS / LOADER_OF_MLFLOW
        return Material(
            model=self.root if self.data == "." else self.root / self.data,
            loader=own,
            input=placed(self.input, self.root),
            code=tuple(self.root / each for each in self.code),
            variables=self.variables,
        )

    def to_plain(self) -> dict[str, Any]:
        """Return it as builtins, for any pickle."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in ("files", "environment"):
            value = plain[name]
            plain[name] = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _plain(value) for name, value in plain.items()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> NodeJob:
        """Return the job from the result of `to_plain`."""
        files = FolderFiles(**plain["files"])
        environment = NodeEnvironment(**plain["environment"])
        return cls(**{**plain, "files": files, "environment": environment})


def placed(described: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return a description with absolute paths for files, which are relative to `root`.

    >>> placed({"type": "ndarray", "file": "a.npy"}, Path("/models"))
    {'type': 'ndarray', 'file': '/models/a.npy'}
    """
    told = dict(described)
    if told.get("type") == "examples":
        told["items"] = [placed(each, root) for each in told["items"]]
    if "file" in told:
        told["file"] = str(root / told["file"])
    return told


def digest_of(value: object) -> str:
    """Return the SHA-256 of plain data, in hexadecimal."""
    import hashlib

    text = json.dumps(value, sort_keys=True, default=_plain_or_repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain_or_repr(value: object) -> Any:
    return dict(value) if isinstance(value, Mapping) else repr(value)


def _plain(value: Any) -> Any:
    """Return a value with builtin mappings and sequences."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return [*map(_plain, value)] if isinstance(value, list) else value
