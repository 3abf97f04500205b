"""``modelenv revive``: making a running model from an old one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..options import (
    FILE,
    MODEL_TO_CHANGE,
    PATH,
    index_options,
    json_option,
    manager_option,
    report,
    seal_options,
    selection_options,
    timeout_option,
)
from ..shared.bundles import together
from ..shared.progress import Progress, progress_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option(
    "-m",
    "--model",
    "model",
    type=MODEL_TO_CHANGE,
    required=True,
    metavar="FOLDER|PICKLE",
    help="The old model folder, or a pickle with its requirements.",
)
@click.option(
    "-r",
    "--requirements",
    "requirements",
    type=FILE,
    metavar="FILE",
    help="The requirements of a pickle; of a folder they replace those that it lists: a list in any"
    " form, or a project's lock.",
)
@selection_options
@click.option(
    "--add",
    "extra_requirements",
    multiple=True,
    metavar="LINE",
    help="A requirement that the list forgot; may be repeated.",
)
@click.option(
    "-i",
    "--input",
    "input_example",
    type=FILE,
    metavar="FILE",
    help="What it predicts on: .json, .csv, .npy, .parquet, .arrow, .pkl.  [default: its own]",
)
@click.option(
    "-o",
    "--output",
    "destination",
    type=PATH,
    metavar="FOLDER",
    help="The new folder.  [default: the old one's name with -revived]",
)
@click.option(
    "--python",
    metavar="PYTHON",
    help="Another Python than the model's own: a version, as 3.10, or an interpreter.",
)
@click.option("--steps", type=int, default=10, show_default=True, help="Changes at most.")
@manager_option
@timeout_option
@together(*seal_options, progress_option)
@index_options
@json_option
def revive(
    model: Path,
    destination: Path | None,
    requirements: Path | None,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Turn an old model into one that runs: locked, in a new folder.

    Lines without versions are resolved as of the day on which it was made. The report names each
    rule that was applied, with its reason. The old folder is not touched. If the model does not
    run, nothing is written and the exit code is 1.

    \b
    Examples:
      modelenv revive -m churn_2021                          writes churn_2021-revived
      modelenv revive -m churn_2021 -i rows.json -o churn    predict on rows of your own
      modelenv revive -m model.pkl -r requirements.txt --as-of 2022-06-30
    """
    from ...time.reviving import revive as bring_back

    with Progress.of_command() as tell:
        tell(f"reading {model}")
        found = bring_back(
            model,
            destination,
            requirements=requirements,
            report=tell.note,
            progress=tell,
            **options,
        )
    report(found, as_json=as_json)
    if not found.good:
        sys.exit(1)
