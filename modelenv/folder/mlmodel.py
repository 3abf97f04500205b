"""The MLmodel file: what a folder holds and how it is loaded, readable by MLflow."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..worker.verdict import Repeatability
from .errors import BadFolderError

FILE = "MLmodel"
FORMAT = 1
LOADER = "modelenv_pyfunc_loader"
MODEL = "model.pkl"
TRACE = "trace.json"
SCRIPT = "model.py"
LOCK = "pylock.toml"
CODE = "code"
NOTHING: Mapping[str, Any] = {"type": "none"}
"""The description of an example that is not there, and of what was predicted on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MLmodel:
    """What stands in the file; other flavors and keys are left to those who know them."""

    python: str
    version: str
    """The version of modelenv that wrote it."""
    input: Mapping[str, Any]
    """The description of the input example; its file is relative to the folder."""
    prediction: Mapping[str, Any]
    """The description of the recorded prediction, likewise."""
    deterministic: bool
    proof: Mapping[str, str] = field(default_factory=lambda: {"status": "unproven"})
    """`status` and, where it was proven, `where` and `reason`."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Distributions that were imported and are not needed, with who asked for each."""
    removed: Mapping[str, str] = field(default_factory=dict)
    """Versions of distributions that were pinned, until edits that nothing has proven since."""
    sealed: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of the model's data and artifacts, by path; empty where they are not sealed."""
    metadata: Mapping[str, Any]
    """What the user had to say of the model."""
    uuid: str
    created: str
    lock: bool = False
    """Whether pylock.toml locks the environment."""
    compared: tuple[str, ...] = ()
    """Where it is not deterministic: the places of the prediction that come out the same."""
    not_compared: tuple[str, ...] = ()
    """The places that do not."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The environment variables that the prediction was recorded with, for every run."""
    provided: tuple[str, ...] = ()
    """The pins of what conda installs, for whoever builds without conda."""
    allow_hosts: tuple[str, ...] = ()
    """The hosts that whoever runs it has to provide."""
    allow_paths: tuple[str, ...] = ()
    """The files and folders outside it that whoever runs it has to provide."""
    signature: Mapping[str, Any] | None = None
    """What it takes and gives, in MLflow's words."""
    data: str = MODEL
    loader: str = LOADER

    @property
    def repeatability(self) -> Repeatability:
        """On what of the recorded prediction two processes agreed when it was saved."""
        return Repeatability(
            deterministic=self.deterministic,
            compared=self.compared,
            not_compared=self.not_compared,
        )

    @property
    def written_by_mlflow(self) -> bool:
        """Whether MLflow wrote the folder, which then has to load it."""
        return self.loader == "mlflow_loader"

    @property
    def needs(self) -> Mapping[str, tuple[str, ...]]:
        """What whoever runs it has to provide besides, by the option that allows it."""
        return {"allow_hosts": self.allow_hosts, "allow_paths": self.allow_paths}

    def to_yaml(self) -> str:
        """Return the file's text."""
        import yaml

        further = {
            "compared": list(self.compared),
            "not_compared": list(self.not_compared),
            "environment": dict(self.variables),
            "provided": list(self.provided),
        }
        document: dict[str, Any] = {
            "artifact_path": "model",
            "flavors": {
                "modelenv": {
                    "format": FORMAT,
                    "version": self.version,
                    **{name: list(values) for name, values in self.needs.items() if values},
                    "deterministic": self.deterministic,
                    "input": dict(self.input),
                    "left_out": dict(self.left_out),
                    "prediction": dict(self.prediction),
                    "proof": dict(self.proof),
                    **{key: value for key, value in further.items() if value},
                    "sha256": dict(self.sealed),
                    "trace": TRACE,
                    **({"traced": False} if self.input["type"] == "none" else {}),
                },
                "python_function": {
                    "code": CODE,
                    "data": self.data,
                    "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                    "loader_module": self.loader,
                    "python_version": self.python,
                },
            },
            "mlflow_version": None,
            "model_uuid": self.uuid,
            "utc_time_created": self.created,
        }
        if self.lock:
            document["flavors"]["modelenv"]["lock"] = LOCK
        if self.signature is not None:
            document["signature"] = dict(self.signature)
        if self.metadata:
            document["metadata"] = dict(self.metadata)
        example = _mlflow_example(self.input)
        if example is not None:
            document["saved_input_example_info"] = example
        text: str = yaml.dump(document, Dumper=_dumper(), sort_keys=True, allow_unicode=True)
        return text

    @classmethod
    def of(cls, document: Mapping[str, Any], file: Path) -> MLmodel:
        """Take what modelenv wrote out of the `document` of an MLmodel `file`.

        Raises BadFolderError, which names the file.
        """
        ours = _mapping(document, "flavors", "modelenv", file=file)
        function = _mapping(document, "flavors", "python_function", file=file)
        if not isinstance(ours.get("format"), int) or ours["format"] > FORMAT:
            raise BadFolderError(
                file,
                f"format {ours.get('format')!r} is not one that this modelenv reads ({FORMAT})",
            )
        try:
            return cls(
                python=str(function["python_version"]),
                version=str(ours["version"]),
                input=_described(ours, "input", file),
                prediction=_described(ours, "prediction", file),
                deterministic=_flag(ours, "deterministic", file),
                proof=_texts(ours, "proof", file, "status"),
                left_out=_texts(ours, "left_out", file),
                removed=_texts(ours, "removed", file),
                sealed=_texts(ours, "sha256", file),
                compared=_lines(ours, "compared", file),
                not_compared=_lines(ours, "not_compared", file),
                variables=_texts(ours, "environment", file),
                provided=_lines(ours, "provided", file),
                allow_hosts=_lines(ours, "allow_hosts", file),
                allow_paths=_lines(ours, "allow_paths", file),
                metadata=_mapping(document, "metadata", file=file)
                if "metadata" in document
                else {},
                uuid=str(document["model_uuid"]),
                created=str(document["utc_time_created"]),
                lock="lock" in ours,
                signature=document.get("signature"),
                data=_inside(function["data"], "flavors.python_function.data", file),
                loader=_inside(
                    function["loader_module"], "flavors.python_function.loader_module", file
                ),
            )
        except KeyError as error:
            raise BadFolderError(file, f"the key {error} is missing") from error


def relative(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a description whose files are named relative to their folder, as MLmodel holds it."""
    return _placed(described, lambda file: Path(file).name)


def absolute(described: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return a description whose files are absolute again."""
    return _placed(described, lambda file: str(folder / file))


def _placed(described: Mapping[str, Any], place: Callable[[str], str]) -> Mapping[str, Any]:
    if described["type"] == "examples":
        return {**described, "items": [_placed(item, place) for item in described["items"]]}
    return {**described, "file": place(described["file"])} if "file" in described else described


def written_by_mlflow(flavors: Mapping[str, Any]) -> bool:
    """Tell whether MLflow has to load a model: it is not ours, and not a damaged one of ours."""
    function = flavors.get("python_function")
    loader = function.get("loader_module") if isinstance(function, dict) else None
    return "modelenv" not in flavors and isinstance(loader, str) and loader != LOADER


def new_identity() -> tuple[str, str]:
    """Return a model's unique id and the time of its making, as MLflow spells them."""
    now = datetime.now(timezone.utc)
    return uuid.uuid4().hex, now.strftime("%Y-%m-%d %H:%M:%S.%f")


_MLFLOW_KINDS = ("ndarray", "dataframe", "json_object", "sparse_matrix_csr", "sparse_matrix_csc")


def _mlflow_example(described: Mapping[str, Any]) -> dict[str, str] | None:
    """Say what MLflow is to make of the input example, where it knows its type."""
    if described["type"] == "examples":
        return _mlflow_example(described["items"][0])
    kind = described["type"]
    if kind == "dict" and all(item["type"] == "ndarray" for item in described["items"].values()):
        kind = "ndarray"
    if kind not in _MLFLOW_KINDS:
        return None
    info = {"artifact_path": described["file"], "type": kind}
    return info | {key: described[key] for key in ("pandas_orient",) if key in described}


def _described(ours: Mapping[str, Any], key: str, file: Path) -> Mapping[str, Any]:
    described = ours[key]
    _check_description(described, f"flavors.modelenv.{key}", file)
    checked: Mapping[str, Any] = described
    return checked


def _check_description(described: object, key: str, file: Path) -> None:
    kind = described.get("type") if isinstance(described, dict) else None
    if not isinstance(described, dict) or not isinstance(kind, str):
        raise BadFolderError(file, f"{key} does not describe a value")
    if kind == "examples" and isinstance(described.get("items"), list):
        for place, item in enumerate(described["items"]):
            _check_description(item, f"{key}.items[{place}]", file)
    elif kind != "none":
        if "file" not in described:
            raise BadFolderError(file, f"{key} does not describe a value")
        _inside(described["file"], f"{key}.file", file)


def _inside(name: object, key: str, file: Path) -> str:
    """Return the name of something that stands in the folder itself."""
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".."):
        raise BadFolderError(file, f"{key} leads out of the folder: {name!r}")
    return name


def _flag(ours: Mapping[str, Any], key: str, file: Path) -> bool:
    if not isinstance(ours[key], bool):
        raise BadFolderError(file, f"flavors.modelenv.{key} is neither true nor false")
    return bool(ours[key])


def _texts(ours: Mapping[str, Any], key: str, file: Path, *needed: str) -> Mapping[str, str]:
    texts = ours[key] if needed else ours.get(key, {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise BadFolderError(file, f"flavors.modelenv.{key} is no mapping of texts")
    if not set(needed) <= texts.keys():
        raise BadFolderError(file, f"flavors.modelenv.{key} has no {', '.join(needed)}")
    return texts


def _lines(ours: Mapping[str, Any], key: str, file: Path) -> tuple[str, ...]:
    lines = ours.get(key, [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise BadFolderError(file, f"flavors.modelenv.{key} is no list of texts")
    return tuple(lines)


def _mapping(document: Mapping[str, Any], *keys: str, file: Path) -> Mapping[str, Any]:
    value: Any = document
    for place, key in enumerate(keys):
        name = ".".join(keys[: place + 1])
        if key not in value:
            raise BadFolderError(file, f"the key {name} is missing")
        value = value[key]
        if not isinstance(value, dict):
            raise BadFolderError(file, f"{name} is no mapping")
    found: Mapping[str, Any] = value
    return found


def _dumper() -> Any:
    import yaml

    return getattr(yaml, "CSafeDumper", yaml.SafeDumper)
