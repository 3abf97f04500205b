"""``modelenv predict``: predictions of a saved model, on one input or on files of any size."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..options import PATH, check_output, json_option, model_option, python_option, run_options
from ..shared.progress import Progress
from .files import FileOptions, files_options, predict_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ...folder.model_folder import ModelFolder
    from ...run.isolated import RunOptions


@click.command()
@model_option
@click.option(
    "-i",
    "--input",
    "input_",
    type=PATH,
    metavar="FILE",
    help="JSON, CSV, Parquet, Arrow, .npy or .pkl; - reads standard input; for tables also JSON"
    " lines, a folder of files or a pattern.  [default: the example]",
)
@click.option(
    "-t",
    "--content-type",
    type=click.Choice(["json", "csv", "parquet", "arrow", "npy", "pickle", "jsonl"]),
    help="The type of the input.  [default: by the end of its name; json on standard input]",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    metavar="FILE",
    help="The file for the prediction: CSV if it ends in .csv, a table written part by part if it "
    "ends in .parquet, .arrow, .jsonl or .npy, else JSON.",
)
@files_options
@run_options
@python_option
@json_option
def predict(
    model: Path,
    input_: Path | None,
    content_type: str | None,
    output: Path | None,
    files: FileOptions,
    how: RunOptions,
    *,
    python: str | None,
    as_json: bool,
) -> None:
    """Predict with a saved model in an environment of its own.

    JSON input has one of the keys dataframe_split, dataframe_records, instances or inputs, or has
    the form of the folder's input example. The answer is {"predictions": …}; with --json it also
    has the seconds and the environment's Python.

    The input may have any size if the output is a table (.parquet, .arrow, .jsonl, .npy), if the
    input is a folder or a pattern, or with one of the options --engine to --restart: it is then
    read, predicted and written part by part, and a killed run continues where it was.

    \b
    Examples:
      modelenv predict -m churn_model                              on the recorded example
      modelenv predict -m churn_model -i new.csv -o answers.json
      modelenv predict -m churn_model -i new.csv -o answers.csv    inf stays inf
      echo '{"instances": [[1, 2]]}' | modelenv predict -m churn_model -i -
      modelenv predict -m churn_model -t csv -i - < new.csv
      modelenv predict -m churn_model --pip-requirements-override "numpy<3,pandas"
      modelenv predict -m churn_model --python 3.12                on another Python
      modelenv predict -m churn_model -i big.parquet -o out.parquet --keep customer_id
      modelenv predict -m churn_model -i "days/*.csv" -o out.parquet --workers 4
    """
    from dataclasses import replace

    how = replace(how, python=python)
    if files.wanted(input_, output):
        predict_files(model, input_, content_type, output, files, how, as_json=as_json)
        return
    from ...base.files.scratch import scratch_folder
    from ...run.predict import describe_file, predict_again, to_csv, to_text
    from ...worker.values import TYPED

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
        from ...base.siblings import envfiles

        envfiles.put_file(output, f"{text}\n".encode())
    else:
        click.echo(text)


def _from_stdin(file: Path, scratch: Path) -> Path:
    """Return `file`, or a file with the content of standard input if it is ``-``."""
    if str(file) != "-":
        return file
    copy = scratch / "input.json"
    copy.write_bytes(sys.stdin.buffer.read())
    return copy
