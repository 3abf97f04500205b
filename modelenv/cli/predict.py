"""``modelenv predict -m FOLDER [-i INPUT]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..environments.managers import Manager
from ..run.predict import Folder, Run, describe_file, predict_described, to_text
from ..worker import process
from .options import (
    PATH,
    allow_changed_option,
    check_output,
    json_option,
    manager_option,
    memory_option,
    model_option,
    override_option,
    overriding,
    timeout_option,
)
from .progress import progress


@click.command()
@model_option
@click.option(
    "-i",
    "--input",
    "input_",
    type=PATH,
    metavar="FILE",
    help="JSON, CSV, Parquet, .npy or .pkl; - reads standard input.  [default: the example]",
)
@click.option(
    "-t",
    "--content-type",
    type=click.Choice(["json", "csv", "parquet", "npy", "pickle"]),
    help="What the input is.  [default: as its name ends; json on standard input]",
)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Where the prediction goes.")
@manager_option
@override_option
@timeout_option
@memory_option
@allow_changed_option
@json_option
def predict(
    model: Path,
    input_: Path | None,
    content_type: str | None,
    output: Path | None,
    env_manager: Manager,
    override: str | None,
    timeout: float,
    memory: int | None,
    *,
    allow_changed: bool,
    as_json: bool,
) -> None:
    """Predict with a saved model in an environment of its own.

    JSON input has one of the keys dataframe_split, dataframe_records, instances or inputs, or is
    laid out as the folder's input example is. The answer is {"predictions": …}; with --json it
    also tells the seconds and the environment's Python.

    \b
    Examples:
      modelenv predict -m churn_model                              on the recorded example
      modelenv predict -m churn_model -i new.csv -o answers.json
      echo '{"instances": [[1, 2]]}' | modelenv predict -m churn_model -i -
      modelenv predict -m churn_model -t csv -i - < new.csv
      modelenv predict -m churn_model --pip-requirements-override "numpy<2,pandas"
    """
    check_output(output)
    folder = Folder.open(model)
    with process.scratch() as scratch:
        described = folder.example
        if input_ is not None:
            described = describe_file(_from_stdin(input_, scratch), folder, content_type)
        how = Run(
            manager=env_manager,
            timeout=timeout,
            memory=memory,
            override=overriding(override),
            report=progress(),
            allow_changed=allow_changed,
        )
        result, ended = predict_described(folder, described, scratch, how)
        text = to_text(result)
    if as_json:
        hello = ended.report.last("hello") or {}
        further = {"schema": 1, "seconds": ended.seconds, "prefix": hello.get("prefix")}
        text = json.dumps({**json.loads(text), **further})
    if output is not None:
        output.write_text(text + "\n", "utf-8")
    else:
        click.echo(text)


def _from_stdin(file: Path, scratch: Path) -> Path:
    """Return `file`, or what standard input holds as a file where it is ``-``."""
    if str(file) != "-":
        return file
    copy = scratch / "input.json"
    copy.write_bytes(sys.stdin.buffer.read())
    return copy
