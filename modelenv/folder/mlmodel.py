"""The MLmodel file: the content of a folder and its loader, readable by MLflow."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..base.run_variables import may_be_recorded
from ..system.use import SystemUse
from ..worker.verdict import Repeatability
from .documents.dates import AS_OF
from .documents.description import description
from .documents.names import CODE, LOADER, LOCK, MODEL
from .documents.recorded.system_use import system_use
from .documents.recorded.upgrade_record import UpgradeRecord, upgrade_record
from .documents.trace_file import FILE as TRACE
from .documents.typed import Stated, flag, inside, lines, mapping, optional, text, texts

FILE = "MLmodel"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MLmodel:
    """The content of the file; other flavors and keys are kept unread."""

    python: str
    version: str
    """The version of modelenv that wrote it."""
    input: Mapping[str, Any]
    """The description of the input example; its file is relative to the folder."""
    prediction: Mapping[str, Any]
    """The description of the recorded prediction, likewise."""
    deterministic: bool
    proof: Mapping[str, str] = field(default_factory=lambda: {"status": "unproven"})
    """`status`, and for a proven one `where` and `reason`."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Distributions that were imported and are not needed, with their importers."""
    removed: Mapping[str, str] = field(default_factory=dict)
    """Versions of distributions that unproven edits removed."""
    sealed: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of the model's data and artifacts, by path; empty: not sealed."""
    metadata: Mapping[str, Any]
    """The user's own metadata of the model."""
    uuid: str
    created: str
    as_of: str = ""
    """The date for resolving its packages, now and later (RFC 3339); empty: no limit.
    """
    lock: bool = False
    """Whether pylock.toml locks the environment."""
    compared: tuple[str, ...] = ()
    """For a non-deterministic model: the parts of the prediction that are repeatable."""
    not_compared: tuple[str, ...] = ()
    """The parts that are not."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The environment variables of the recorded prediction, set for every run."""
    provided: tuple[str, ...] = ()
    """The pins of conda's packages, for builders without conda."""
    allow_hosts: tuple[str, ...] = ()
    """The hosts that must be reachable to run it."""
    allow_paths: tuple[str, ...] = ()
    """The files and folders outside of it that must exist to run it."""
    revived: tuple[str, ...] = ()
    """For a revived old model: the rules that were applied, a line each."""
    upgraded: UpgradeRecord | None = None
    """For an upgraded model: the changes, and what stopped it."""
    system: SystemUse | None = None
    """What the prediction used of the system; None: not recorded."""
    pickled_with: str = ""
    """The version of Python that wrote its code by value, or its pickle; empty: unknown."""
    code_by_value: bool = False
    """Whether a pickle or an artifact holds code by value, which is that Python's bytecode."""
    script_unpickles: bool = False
    """Whether its generated script reads a pickle, or a file of skops, of the old model."""
    signature: Mapping[str, Any] | None = None
    """Its inputs and outputs, in MLflow's format."""
    data: str = MODEL
    loader: str = LOADER

    @property
    def repeatability(self) -> Repeatability:
        """The parts of the recorded prediction on which two processes agreed when it was saved."""
        return Repeatability(
            deterministic=self.deterministic,
            compared=self.compared,
            not_compared=self.not_compared,
        )

    @property
    def written_by_mlflow(self) -> bool:
        """Whether MLflow wrote the folder and has to load it."""
        return self.loader == "mlflow_loader"

    @property
    def needs(self) -> Mapping[str, tuple[str, ...]]:
        """The hosts and paths that a run needs, by the option that allows them."""
        return {"allow_hosts": self.allow_hosts, "allow_paths": self.allow_paths}

    def to_yaml(self) -> str:
        """Return the file's text."""
        import yaml

        further = {
            AS_OF: self.as_of,
            "compared": list(self.compared),
            "not_compared": list(self.not_compared),
            "environment": dict(self.variables),
            "provided": list(self.provided),
            "pickled_with": self.pickled_with,
            "code_by_value": self.code_by_value,
            "script_unpickles": self.script_unpickles,
            "revived": list(self.revived),
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
        if self.upgraded is not None:
            document["flavors"]["modelenv"]["upgraded"] = self.upgraded.to_json()
        if self.system is not None:
            document["flavors"]["modelenv"]["system"] = self.system.to_json()
        if self.signature is not None:
            document["signature"] = dict(self.signature)
        if self.metadata:
            document["metadata"] = dict(self.metadata)
        example = _mlflow_example(self.input)
        if example is not None:
            document["saved_input_example_info"] = example
        text: str = yaml.dump(document, Dumper=_dumper(), sort_keys=True, allow_unicode=True)
        return text

    def to_json(self) -> dict[str, Any]:
        """Return the entries about the model itself as plain data."""
        return {
            "uuid": self.uuid,
            "created": self.created,
            "modelenv": self.version,
            "left_out": dict(self.left_out),
            "proof": dict(self.proof),
            "needs": {name: list(values) for name, values in self.needs.items()},
            "deterministic": self.deterministic,
            "compared": list(self.compared),
            "not_compared": list(self.not_compared),
            "pickled_with": self.pickled_with or None,
            "code_by_value": self.code_by_value,
            "as_of": self.as_of or None,
            "revived": list(self.revived),
            "upgraded": None if self.upgraded is None else self.upgraded.to_json(),
            "environment": dict(self.variables),
            "input": dict(self.input),
            "prediction": dict(self.prediction),
            "system": None if self.system is None else self.system.to_json(),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any], file: Path) -> MLmodel:
        """Read modelenv's entries from the `document` of an MLmodel `file`.

        Raises BadFolderError, which names the file.
        """
        whole = Stated(document, file)
        ours = whole.at("flavors").at("modelenv")
        function = whole.at("flavors").at("python_function")
        _check_format(ours)
        return cls(
            python=text(function.at("python_version")),
            version=text(ours.at("version")),
            input=description(ours.at("input")),
            prediction=description(ours.at("prediction")),
            deterministic=flag(ours.at("deterministic")),
            proof=_proof(ours.at("proof")),
            left_out=ours.get("left_out", texts, {}),
            removed=ours.get("removed", texts, {}),
            sealed=ours.get("sha256", texts, {}),
            compared=ours.get("compared", lines, ()),
            not_compared=ours.get("not_compared", lines, ()),
            variables=recorded_variables(ours),
            provided=ours.get("provided", lines, ()),
            allow_hosts=ours.get("allow_hosts", lines, ()),
            allow_paths=ours.get("allow_paths", lines, ()),
            metadata=whole.get("metadata", mapping, {}),
            uuid=text(whole.at("model_uuid")),
            created=text(whole.at("utc_time_created")),
            as_of=ours.get(AS_OF, text, ""),
            revived=ours.get("revived", lines, ()),
            upgraded=ours.get("upgraded", optional(upgrade_record), None),
            lock=ours.get("lock", optional(inside), None) is not None,
            system=ours.get("system", optional(system_use), None),
            pickled_with=ours.get("pickled_with", text, ""),
            code_by_value=ours.get("code_by_value", flag, False),
            script_unpickles=ours.get("script_unpickles", flag, False),
            signature=whole.get("signature", optional(mapping), None),
            data=inside(function.at("data")),
            loader=inside(function.at("loader_module")),
        )


def recorded_variables(ours: Stated) -> Mapping[str, str]:
    """Return the environment variables for runs of a folder, from our flavor.

    Only variables that a save records are accepted: others could change which programs and
    libraries are loaded, so an untrusted folder must not set them. Raises BadFolderError.
    """
    variables: Mapping[str, str] = ours.get("environment", texts, {})
    for name, value in variables.items():
        said = ours.at("environment").at(name)
        if not may_be_recorded(name):
            raise said.fault(
                f"{said.key} is no variable that a prediction is recorded with: remove it, and set"
                " it yourself where the model runs if it needs it and you trust it"
            )
        if "\0" in value:
            raise said.fault(f"{said.key} has a null byte, which no variable can hold")
    return variables


def relative(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a description with file names relative to their folder, as MLmodel has them."""
    return _placed(described, lambda file: Path(file).name)


def absolute(described: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return a description with absolute file names."""
    return _placed(described, lambda file: str(folder / file))


def _placed(described: Mapping[str, Any], place: Callable[[str], str]) -> Mapping[str, Any]:
    if described["type"] == "examples":
        return {**described, "items": [_placed(item, place) for item in described["items"]]}
    return {**described, "file": place(described["file"])} if "file" in described else described


def written_by_mlflow(flavors: Mapping[str, Any]) -> bool:
    """Return whether MLflow has to load a model: it is not ours, nor a damaged one of ours."""
    function = flavors.get("python_function")
    loader = function.get("loader_module") if isinstance(function, dict) else None
    return "modelenv" not in flavors and isinstance(loader, str) and loader != LOADER


def new_identity() -> tuple[str, str]:
    """Return a new unique id and the current time, in MLflow's formats."""
    now = datetime.now(timezone.utc)
    return uuid.uuid4().hex, now.strftime("%Y-%m-%d %H:%M:%S.%f")


_MLFLOW_KINDS = ("ndarray", "dataframe", "json_object", "sparse_matrix_csr", "sparse_matrix_csc")


def _mlflow_example(described: Mapping[str, Any]) -> dict[str, str] | None:
    """Return MLflow's entry for the input example; None if MLflow does not know its type."""
    if described["type"] == "examples":
        return _mlflow_example(described["items"][0])
    kind = described["type"]
    if kind == "dict" and all(item["type"] == "ndarray" for item in described["items"].values()):
        kind = "ndarray"
    if kind not in _MLFLOW_KINDS:
        return None
    info = {"artifact_path": described["file"], "type": kind}
    return info | {key: described[key] for key in ("pandas_orient",) if key in described}


def _check_format(ours: Stated) -> None:
    """Raise BadFolderError for a format of a newer modelenv, or an invalid one."""
    found = mapping(ours).get("format")
    if not isinstance(found, int) or isinstance(found, bool) or found > FORMAT:
        reason = f"format {found!r} is not one that this modelenv reads ({FORMAT})"
        raise ours.fault(reason)


def _proof(said: Stated) -> Mapping[str, str]:
    if "status" not in texts(said):
        raise said.fault(f"{said.key} has no status")
    return texts(said)


def _dumper() -> Any:
    import yaml

    return getattr(yaml, "CSafeDumper", yaml.SafeDumper)
