"""``modelenv bisect``: finding the version of a distribution that changed a prediction."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..options import (
    MODEL_TO_READ,
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

_SIDE = "FILE|FOLDER|LINE"


@click.command()
@click.option(
    "-m",
    "--model",
    "model",
    type=MODEL_TO_READ,
    required=True,
    metavar="FOLDER",
    help="The model folder.",
)
@click.option(
    "--good",
    multiple=True,
    metavar=_SIDE,
    help="The side with the right numbers: a list in any form, a lock, a conda.yaml, a model "
    "folder, or lines; may be repeated.  [default: the folder's own pins]",
)
@click.option(
    "--bad",
    multiple=True,
    required=True,
    metavar=_SIDE,
    help="The side with other numbers, in the same forms.",
)
@selection_options
@click.option(
    "-i",
    "--input",
    "data",
    type=PATH,
    metavar="FILE",
    help="What to predict on: JSON, CSV, Parquet, Arrow, .npy or .pkl.  [default: the example]",
)
@click.option(
    "--tolerance",
    type=float,
    default=1e-6,
    show_default=True,
    help="How far two floats may be apart, as a part of the larger one.",
)
@click.option("--builds", type=int, default=40, show_default=True, help="Environments at most.")
@manager_option
@timeout_option
@together(*seal_options, progress_option)
@index_options
@json_option
def bisect(
    model: Path, good: tuple[str, ...], bad: tuple[str, ...], *, as_json: bool, **options: Any
) -> None:
    """Find which version of which distribution changed a prediction.

    The model predicts in environments between the two: with some of the distributions that differ,
    then with the releases of the one to blame. If it fails with the bad side, the search is for
    what made it fail. The folder is not touched. The exit code is 1 if nothing was found.

    \b
    Examples:
      modelenv bisect -m churn_model --bad today.txt                 a pip freeze, say
      modelenv bisect -m churn_model --bad "pandas==3.0.6"           with this alone
      modelenv bisect -m churn_model --good march/pylock.toml --bad churn_retrained -i rows.csv
    """
    from ...time.bisection import bisect as find_change

    with Progress.of_command() as tell:
        tell(f"reading {model}")
        one = _side(good) if good else None
        found = find_change(model, bad=_side(bad), good=one, report=tell, **options)
    report(found, as_json=as_json)
    if not found:
        sys.exit(1)


def _side(words: tuple[str, ...]) -> str | tuple[str, ...]:
    """Return a single word unchanged, since it may be a path; several are lines."""
    return words[0] if len(words) == 1 else words
