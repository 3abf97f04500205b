"""Predict with a saved model in an environment of its own."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.arguments import Requirements
from ..base.errors import WrongUseError
from ..base.scratch import scratch_folder
from ..environments.managers import Manager
from ..folder.model_folder import ModelFolder
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..worker import values
from ..worker.job import Ended
from ..worker.process import check_run
from .isolated import RunOptions, run_isolated

_READERS = {
    ".json": "payload",
    ".csv": "csv",
    ".npy": "npy",
    ".parquet": "parquet",
    ".pkl": "pickle",
    ".pickle": "pickle",
}


def predict(
    folder: str | os.PathLike[str],
    data: object = None,
    *,
    env_manager: Manager = "auto",
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
) -> Any:
    """Predict with the model in `folder`, in an environment that holds only its pins.

    `data` is the model's input; None takes the recorded example. `pip_requirements_override` are
    requirements that replace pins, or are added to them, for this run alone. The run may take
    `timeout` seconds, and each of its processes `memory` bytes. Raises RunFailedError with the
    stage that failed, BadFolderError, WrongUseError, and ChangedContentError where the model's data
    or artifacts are not what was saved, unless `allow_changed`.

    `seal` is what keeps it from this machine: "namespaces", "landlock", "watch" (which only looks),
    "off", or "auto", the strongest that can be had. `allow_paths` and `allow_hosts` are files,
    folders and hosts that it may see all the same: what the author of the model says has to be
    provided. Raises SealUnavailableError for one that this machine does not have.
    """
    options = RunOptions(
        manager=env_manager,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
    )
    model_folder = ModelFolder.open(folder)
    with scratch_folder() as scratch:
        described = model_folder.example
        if data is None and described["type"] == "none":
            raise WrongUseError(
                f"{model_folder.path} has no input example: give data to predict on"
            )
        if data is not None:
            described = values.write(data, str(scratch / "input"))
        output, _ = predict_described(model_folder, described, scratch, options)
        return values.read(output)


def predict_described(
    folder: ModelFolder, described: Mapping[str, Any], scratch: Path, options: RunOptions
) -> tuple[Mapping[str, Any], Ended]:
    """Predict on the described input; return the description of the prediction in `scratch`.

    Raises WrongUseError where an input of the user's cannot be read, RunFailedError.
    """
    ended, environment = run_isolated(
        folder, folder.job(described, output=scratch / "prediction"), options
    )
    where = environment.place
    for note in environment.built.changed if environment.built else ():
        warnings.warn(note, stacklevel=3)
    failure = ended.report.failure
    if failure is not None and failure.stage == "input" and described != folder.example:
        name = Path(described["file"]).name
        ways = (f"; --pip-requirements-override {each} adds it" for each in failure.missing[:1])
        raise WrongUseError(
            f"{name} cannot be read as the model's input in {where}: {failure}{''.join(ways)}"
        )
    check_run(ended, where)
    if ended.leaks:  # of a run that was merely watched
        said = "; ".join(leak.remedy for leak in ended.leaks)
        warnings.warn(f"the prediction used what no seal would show it: {said}", stacklevel=3)
    output = ended.report.last("output")
    assert output is not None
    return output, ended


def describe_file(
    file: Path, folder: ModelFolder, content_type: str | None = None
) -> Mapping[str, Any]:
    """Describe an input file by its suffix, or as ``json``, ``csv``, ... where that is told.

    Raises WrongUseError for one that nobody reads.
    """
    if not file.is_file():
        raise WrongUseError(f"the input {file}: there is no such file")
    suffix = file.suffix.lower() if content_type is None else f".{content_type}"
    kind = _READERS.get(suffix)
    if kind is None:
        known = ", ".join(_READERS)
        raise WrongUseError(f"{file}: cannot tell what it holds; its name may end in {known}")
    described = {"type": kind, "file": str(file.absolute())}
    like = {"like": folder.mlmodel.input} if kind in ("payload", "csv") else {}
    return {**described, **like}


def to_text(output: Mapping[str, Any]) -> str:
    """Return a prediction as the scoring protocol's JSON. Raises WrongUseError where none is."""
    if output["type"] == "pickle":
        raise WrongUseError(f"the prediction is a {output['class']}, which JSON cannot hold")
    data = json.loads(Path(output["file"]).read_text("utf-8"))
    if output["type"] == "dataframe":
        data = [dict(zip(data["columns"], row, strict=True)) for row in data["data"]]
    return json.dumps({"predictions": data})
