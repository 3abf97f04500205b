"""``modelenv predict`` and ``modelenv verify``: run a saved model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from .options import PATH, check_output, json_option, model_option, run_options
from .shared.progress import Progress
from .shared.terminal import echo, echo_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..folder.model_folder import ModelFolder
    from ..run.isolated import RunOptions


@click.command()
@model_option
@click.option(
    "-i",
    "--input",
    "input_",
    type=PATH,
    metavar="FILE",
    help="JSON, CSV, Parquet, Arrow, .npy or .pkl; - reads standard input.  [default: the example]",
)
@click.option(
    "-t",
    "--content-type",
    type=click.Choice(["json", "csv", "parquet", "arrow", "npy", "pickle"]),
    help="What the input is.  [default: as its name ends; json on standard input]",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="FILE",
    help="Where the prediction goes: as CSV where it ends in .csv, else as JSON.",
)
@run_options
@json_option
def predict(
    model: Path,
    input_: Path | None,
    content_type: str | None,
    output: Path | None,
    how: RunOptions,
    *,
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
      modelenv predict -m churn_model -i new.csv -o answers.csv    inf stays inf
      echo '{"instances": [[1, 2]]}' | modelenv predict -m churn_model -i -
      modelenv predict -m churn_model -t csv -i - < new.csv
      modelenv predict -m churn_model --pip-requirements-override "numpy<3,pandas"
    """
    from dataclasses import replace

    from ..base.files.scratch import scratch_folder
    from ..run.predict import describe_file, predict_again, to_csv, to_text
    from ..worker.values import TYPED

    check_output(output)
    as_csv = output is not None and output.suffix.lower() == ".csv"
    if as_csv and as_json:
        raise click.UsageError("--json reports in JSON, and the output's name ends in .csv")
    with Progress.of_command() as tell, scratch_folder() as scratch:
        tell(f"reading {model}")
        file = None if input_ is None else _from_stdin(input_, scratch)

        def describe(folder: ModelFolder) -> Mapping[str, Any]:
            return folder.example if file is None else describe_file(file, folder, content_type)

        how = replace(how, report=tell)
        forms = TYPED if as_csv else ("json", *TYPED)
        result, ended = predict_again(model, describe, scratch, how, forms)
        text = to_csv(result).rstrip("\n") if as_csv else to_text(result)
    if as_json:
        hello = ended.report.last("hello") or {}
        further = {"schema": 1, "seconds": ended.seconds, "prefix": hello.get("prefix")}
        import json

        text = json.dumps({**json.loads(text), **further})
    if output is not None:
        from ..base.siblings import envfiles

        envfiles.put_file(output, f"{text}\n".encode())
    else:
        click.echo(text)


def _from_stdin(file: Path, scratch: Path) -> Path:
    """Return `file`, or what standard input holds as a file where it is ``-``."""
    if str(file) != "-":
        return file
    copy = scratch / "input.json"
    copy.write_bytes(sys.stdin.buffer.read())
    return copy


@click.command()
@model_option
@run_options
@click.option(
    "--python",
    metavar="PYTHON",
    help="Another Python than the model's own: a version, as 3.14, or an interpreter.",
)
@click.option("--index", is_flag=True, help="Ask the index, too, whether it has each pin.")
@click.option("--deep", is_flag=True, help="Ask pip, too, what is installed here.")
@json_option
def verify(
    model: Path,
    how: RunOptions,
    *,
    python: str | None,
    index: bool,
    deep: bool,
    as_json: bool,
) -> None:
    """Check that a saved model still gives its recorded prediction.

    It predicts on the recorded example in an environment that holds only the pins. The exit code
    is 1 where it fails, the prediction differs, or a second opinion does.

    \b
    Examples:
      modelenv verify -m churn_model                     in a replica where that can be
      modelenv verify -m churn_model --env-manager uv    in one that uv builds from the pins
      modelenv verify -m churn_model --python 3.14       would it run there?
      modelenv verify -m churn_model --index --deep      ask the index and pip as well
    """
    from dataclasses import replace

    from ..run.cross_check import ask_index, ask_pip
    from ..run.verify import verify_again

    opinions = []
    with Progress.of_command() as tell:
        tell(f"reading {model}")
        verdict = verify_again(model, replace(how, python=python, report=tell))
        if index:
            tell("asking the index")
            opinions.append(ask_index(model, indexes=how.indexes))
        if deep:
            tell("asking pip")
            opinions.append(ask_pip(model))
    if as_json:
        said = {opinion.who: opinion.to_json() for opinion in opinions}
        echo_json({**verdict.to_json(), **said})
    else:
        echo("\n".join(map(str, (verdict, *verdict.notes, *opinions))))
        if verdict.detail and not verdict.good:
            echo(verdict.detail.rstrip(), err=True)
    if not verdict.good or any(opinion.against for opinion in opinions):
        sys.exit(1)
