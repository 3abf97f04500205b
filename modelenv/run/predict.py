"""Predictions with a saved model in an environment of its own."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.arguments import Requirements
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.files.scratch import scratch_folder
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.siblings import tracer
from ..environments.spec import Manager, ReadyEnvironment
from ..folder.model_folder import ModelFolder
from ..seal.choose import Paths, SealRequest
from ..seal.seals import Wanted
from ..table.crossing import received
from ..table.errors import UnfaithfulError
from ..table.files import write_csv
from ..table.incoming.cells import to_json
from ..table.table import Table
from ..worker import values
from ..worker.errors import RunFailedError, UntypedPredictionError
from ..worker.job import Ended
from ..worker.process import check_run
from ..worker.values import TYPED, UNPICKLED
from .incoming import describe_file, read_rows
from .isolated import RunOptions, run_again, run_isolated


@door
def predict(
    folder: str | os.PathLike[str],
    data: object = None,
    *,
    env_manager: Manager = "auto",
    environment: str | os.PathLike[str] | None = None,
    python: str | os.PathLike[str] | None = None,
    pip_requirements_override: Requirements | None = None,
    timeout: float = 600.0,
    memory: int | None = None,
    allow_changed: bool = False,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    unpickle: bool = False,
) -> Any:
    """Predict with the model in `folder`, in an environment that holds only its pins.

    `data` is the model's input; None takes the recorded example. `environment` is the file of a
    packed environment, in which it is to run: nothing is built, and no index asked. `python` is
    another Python than the model's own: a version, as "3.14", or an interpreter.
    `pip_requirements_override` are requirements that replace pins, or are added to them, for this
    run alone; `indexes` say where to find what is not installed. The run may take
    `timeout` seconds, and each of its processes `memory` bytes. Raises RunFailedError with the
    stage that failed, BadFolderError, WrongUseError, and ChangedContentError if the model's data
    or artifacts are not what was saved, unless `allow_changed`.

    `seal` separates it from this machine: "namespaces", "landlock", "watch" (which only reports),
    "off", or "auto", the strongest that the machine has. `allow_paths` and `allow_hosts` are files,
    folders and hosts that it may see: those that the author of the model says have to be provided.
    Raises SealUnavailableError for one that this machine does not have.

    A prediction that only a pickle can hold (an object of the model's own classes) raises
    UntypedPredictionError, which names it, unless you set `unpickle`: reading a pickle in this
    process runs any code that the model put into it.
    """
    options = RunOptions(
        manager=env_manager,
        environment=environment,
        python=python,
        timeout=timeout,
        memory=memory,
        override=arguments.lines("pip_requirements_override", pip_requirements_override),
        allow_changed=allow_changed,
        seal=SealRequest.read(seal, allow_hosts, allow_paths),
        indexes=indexes,
    )
    with scratch_folder() as scratch:
        given = None
        if data is not None:
            given = values.write(data, str(scratch / "input"), forms=UNPICKLED)

        def describe(opened: ModelFolder) -> Mapping[str, Any]:
            if given is None and opened.example["type"] == "none":
                raise WrongUseError(f"{opened.path} has no input example: give data to predict on")
            return opened.example if given is None else given

        forms = UNPICKLED if unpickle else TYPED
        output, ended = predict_again(folder, describe, scratch, options, forms)
        where = f"the model's process, {ended.seal}"
        return _read(output, where, unpickle=unpickle, largest=memory)


def _read(output: Mapping[str, Any], where: str, *, unpickle: bool, largest: int | None) -> Any:
    """Return the prediction. Raises UntypedPredictionError, RunFailedError, WrongUseError."""
    try:
        return received.read(output, unpickle=unpickle, largest=largest)
    except received.UntypedError as error:
        raise UntypedPredictionError(where, error.class_, error.reason) from None
    except UnfaithfulError as error:
        raise RunFailedError(where, "output", str(error)) from error
    except ImportError as error:
        raise WrongUseError(
            f"the prediction is of a library that is not installed here: {error}; the command"
            " modelenv predict writes it as JSON or CSV"
        ) from error


def predict_again(
    folder: str | os.PathLike[str],
    describe: Callable[[ModelFolder], Mapping[str, Any]],
    scratch: Path,
    options: RunOptions,
    forms: tuple[str, ...],
) -> tuple[Mapping[str, Any], Ended]:
    """Predict on the described input for a folder, as `predict_described` does.

    If others change the folder meanwhile, it is done again.
    """
    attempts = count()

    def predicted(opened: ModelFolder) -> tuple[Mapping[str, Any], Ended]:
        place = scratch / f"attempt-{next(attempts)}"
        place.mkdir()
        return predict_described(opened, describe(opened), place, options, forms)

    return run_again(folder, predicted, options.report)


def predict_described(
    folder: ModelFolder,
    described: Mapping[str, Any],
    scratch: Path,
    options: RunOptions,
    forms: tuple[str, ...] = ("json", *TYPED),
) -> tuple[Mapping[str, Any], Ended]:
    """Predict on the described input; return the description of the prediction in `scratch`.

    The prediction is written in the first of the `forms` that can hold it. Raises WrongUseError
    if an input of the user's cannot be read, or a value cannot go from one environment to the
    other, and RunFailedError.
    """
    incoming = read_rows(described, scratch)
    for note in incoming.notes:
        warnings.warn(note, stacklevel=6)
    job = folder.job(incoming.described, output=scratch / "prediction", forms=forms)

    def admit(environment: ReadyEnvironment) -> None:
        if described != folder.example:
            check_crossing(described, "input", environment)

    ended, environment = run_isolated(folder, job, options, admit=admit)
    where = environment.place
    for note in environment.built.changed if environment.built else environment.notes:
        warnings.warn(note, stacklevel=6)
    failure = ended.report.failure
    if failure is not None and failure.stage == "input" and described != folder.example:
        name = Path(described["file"]).name
        ways = [f"; --pip-requirements-override {each} adds it" for each in failure.missing[:1]]
        if described["type"] in ("parquet", "arrow"):
            ways.append(
                "; pyarrow or polars reads it, once it is here: pip install 'modelenv[batch]'"
            )
        raise WrongUseError(
            f"{name} cannot be read as the model's input in {where}: {failure}{''.join(ways)}"
        )
    check_run(ended, where)
    if ended.leaks:  # of a run that was merely watched
        said = "; ".join(leak.remedy for leak in ended.leaks)
        warnings.warn(f"the prediction used what no seal would show it: {said}", stacklevel=7)
    try:
        output = received.placed(ended.report.last("output"), scratch / "prediction")
    except UnfaithfulError as error:
        raise RunFailedError(where, "output", str(error)) from error
    check_crossing(output, "prediction", environment)
    return output, ended


def check_crossing(described: Mapping[str, Any], what: str, environment: ReadyEnvironment) -> None:
    """Raise WrongUseError if the environment has other versions of a pickle's libraries."""
    if described["type"] != "pickle" or "reason" not in described or environment.built is None:
        return
    modules = tracer.scan_modules(Path(described["file"]))
    theirs = sorted({name.partition(".")[0] for name in modules} - sys.stdlib_module_names)
    if theirs:
        raise WrongUseError(
            f"the {what} is a {described['class']}, of which only a pickle can be made"
            f" ({described['reason']}), and that need not be readable where {theirs[0]} may have"
            f" another version ({environment.label}): use frames, arrays, lists or dictionaries of"
            f" numbers, texts and times; or env_manager='local', where its pins are installed"
        )


def to_text(output: Mapping[str, Any]) -> str:
    """Return a prediction as the scoring protocol's JSON, without labels of rows.

    Raises WrongUseError if there is no such JSON, and RunFailedError.
    """
    if "reason" in output:
        return json.dumps({"predictions": _cells(output)})
    try:
        data = received.read_json(Path(output["file"]))
    except UnfaithfulError as error:
        raise RunFailedError("the model's process", "output", str(error)) from error
    if output["type"] == "dataframe":
        data = [dict(zip(data["columns"], row, strict=True)) for row in data["data"]]
    return json.dumps({"predictions": data})


def _cells(output: Mapping[str, Any]) -> list[Any]:
    """Return a series without the labels and the name that JSON lacks. Raises WrongUseError."""
    reason = output["reason"]
    if output["type"] == "series" and output.get("encoding") == "buffers":
        try:
            told, buffers = received.read_buffers(Path(output["file"]))
            return to_json(Table.of(told, iter(buffers)).columns[0])
        except UnfaithfulError as error:
            reason = error
    raise WrongUseError(
        f"the prediction is a {output['class']}, which JSON cannot hold: {reason};"
        f" -o FILE.csv writes frames, series and arrays as CSV, and {_in_python(output)}"
    )


def to_csv(output: Mapping[str, Any]) -> str:
    """Return a prediction in buffers as CSV. Raises WrongUseError if it has no such form."""
    reason = output.get("reason")
    if reason is None:
        try:
            return write_csv(*received.read_buffers(Path(output["file"])))
        except UnfaithfulError as error:
            reason = error
    raise WrongUseError(f"the prediction cannot be written as CSV: {reason}; {_in_python(output)}")


def _in_python(output: Mapping[str, Any]) -> str:
    unpickle = ", where unpickle=True allows it," if output["type"] == "untyped" else ""
    return f"modelenv.predict in Python{unpickle} returns it as it is"


__all__ = ["check_crossing", "describe_file", "predict", "predict_described", "to_csv", "to_text"]
