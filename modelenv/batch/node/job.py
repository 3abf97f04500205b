"""What a node has to know of a model: plain data, made by a driver, of which nothing is secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ...worker.job import Material

_LOADERS = Path(__file__).parents[2] / "folder"
LOADER_OF_MLFLOW = "mlflow_loader.py"
"""The loader of a model that MLflow wrote, in which there is none: it travels with our code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFiles:
    """The files of a model folder: where they stand, or what is in them."""

    path: str
    """The folder, absolute: the driver's, which a node has where both have one file system."""
    digests: Mapping[str, str]
    """The SHA-256 of each file, in hexadecimal, by its path below the folder, with slashes."""
    contents: Mapping[str, bytes] | None = field(default=None, repr=False)
    """What is in each file; None: it is at `path`."""

    @property
    def kind(self) -> Literal["path", "inline"]:
        """Whether a node reads them at their path, or is given them."""
        return "path" if self.contents is None else "inline"

    @property
    def key(self) -> str:
        """What tells these files from others, wherever they stand."""
        return digest_of(sorted(self.digests.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEnvironment:
    """What the environment of a model is made of, on any node: a pack, or lines to install."""

    kind: Literal["packed", "built"]
    file: str = ""
    """The pack, absolute; a node may have it by its name in the folder of its process too."""
    sha256: str = ""
    """The SHA-256 of the pack."""
    python: str = ""
    """The version of Python to build with, as ``3.12.7`` or ``3.12``; with a "t": free-threaded."""
    exact: bool = False
    """Whether it has to be that very release."""
    lines: tuple[str, ...] = ()
    """What to install, as lines of a requirements file, without hashes."""
    hashes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the files of a line may hash to, as ``sha256:…``, as the model's own lines say."""
    locked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What those of other lines may hash to, as the model's lock says."""
    locked_for: Mapping[str, str] = field(default_factory=dict)
    """Of which platform the lock is, by the names of markers; empty: of any."""
    options: tuple[str, ...] = ()
    """Where to look, as lines of a requirements file, without logins: a node has its own."""
    constraints: tuple[str, ...] = ()
    """What narrows the rest, as lines of a constraints file."""
    closed: bool = True
    """Whether the lines name all that they need, and nothing else is to be installed."""
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the build backend of a distribution is told, as ``key=value``, by its name."""
    wheels: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each wheel that travels in the model folder, by its path there."""

    @property
    def key(self) -> str:
        """What tells it from others: the SHA-256 of what it is made of, in hexadecimal."""
        if self.kind == "packed":
            return digest_of(["packed", self.sha256])
        return digest_of({each.name: getattr(self, each.name) for each in fields(self)})


@dataclass(frozen=True, kw_only=True)
class NodeJob:
    """A model that is asked for batches on a node; its paths are below its folder."""

    name: str
    """What it is called in messages."""
    data: str
    """The model's data, as its loader takes it; ``.``: the folder."""
    loader: str
    """Its loader; empty: MLflow's."""
    code: tuple[str, ...] = ()
    """Folders of first-party code, put first on the path."""
    input: Mapping[str, Any] = field(default_factory=lambda: {"type": "none"})
    """The description of its example, with the path of its file."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that its prediction was recorded with."""
    like: Mapping[str, Any] = field(default_factory=dict)
    """What describes an input."""
    recorded: Mapping[str, Any] = field(default_factory=lambda: {"type": "none"})
    """What describes the prediction on its example."""
    params: Mapping[str, Any] | None = None
    """The parameters of each prediction."""
    known_params: tuple[Mapping[str, Any], ...] = ()
    """The parameters that its signature names, as MLflow writes them."""
    files: FolderFiles
    environment: NodeEnvironment
    seal: str = "auto"
    """The seal that is wanted, as `SealRequest` spells it."""
    allow_hosts: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()
    timeout: float = 600.0
    """Seconds that one batch may take."""
    start_timeout: float = 600.0
    """Seconds that loading the model may take."""
    idle: float = 300.0
    """Seconds without a batch after which its process on a node is ended."""
    memory: int | None = None
    """The bytes of memory that each of its processes may take."""
    keep: tuple[str, ...] = ()
    """Columns of a batch that are passed through, before those of the prediction."""
    returns: str = "like"
    """Of what kind a prediction is returned: see `predict_batches`."""

    @property
    def root(self) -> Path:
        """Where the model folder stands: on a node, once its files are laid out there."""
        return Path(self.files.path)

    @cached_property
    def key(self) -> str:
        """What tells it from other jobs: two of one key may share a process."""
        told = {name: value for name, value in self.to_plain().items() if name != "files"}
        told["environment"] = self.environment.key
        return digest_of({**told, "files": self.files.key})

    def at(self, root: Path) -> NodeJob:
        """Return the job of the same model whose files stand in the folder `root`."""
        return replace(self, files=replace(self.files, path=str(root), contents=None))

    def material(self) -> Material:
        """Return what the model is on the disk of this node: `files` stand at their path."""
        from ...worker.job import Material  # with which most of what reads values comes

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
        """Return what `to_plain` was made of."""
        files = FolderFiles(**plain["files"])
        environment = NodeEnvironment(**plain["environment"])
        return cls(**{**plain, "files": files, "environment": environment})


def placed(described: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return a description of a value whose files, told by their paths below `root`, are absolute.

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
    """Return a value whose mappings and sequences are builtins."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return [*map(_plain, value)] if isinstance(value, list) else value
