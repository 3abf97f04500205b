"""``modelenv upgrade``: moving a model to the newest libraries with the same predictions."""

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
    type=MODEL_TO_READ,
    required=True,
    metavar="FOLDER",
    help="The model folder.",
)
@click.argument("requirements", nargs=-1, metavar="[NAME[SPEC]]...")
@click.option(
    "-o",
    "--output",
    "destination",
    type=PATH,
    metavar="FOLDER",
    help="The new folder.  [default: the old one's name with -upgraded]",
)
@click.option(
    "--python",
    metavar="VERSION",
    help="The Python to move to, as 3.13.  [default: the newest that is here and does]",
)
@click.option(
    "--advisories",
    multiple=True,
    type=PATH,
    metavar="PLACE",
    help="Advisories in the format of OSV, to report those on the pins: a file, a folder or a zip; "
    "or the JSON report of pip-audit, `uv audit` or `modelenv audit`; may be repeated.",
)
@click.option(
    "--security", is_flag=True, help="Move only what an advisory names, and what must go with it."
)
@click.option(
    "--tolerance",
    type=float,
    default=1e-6,
    show_default=True,
    help="How far two floats may be apart, as a part of the larger one.",
)
@click.option("--builds", type=int, default=12, show_default=True, help="Environments at most.")
@manager_option
@timeout_option
@together(*seal_options, progress_option)
@index_options
@json_option
def upgrade(model: Path, destination: Path | None, *, as_json: bool, **options: Any) -> None:
    """Find the newest libraries and Python with which a model predicts what it did.

    The newest version of everything is tried first, on the newest Python that is here. If the model
    then fails, or predicts something else, the library to blame goes back, and the report says what
    stopped it. If libraries are named, only these are upgraded. The result is a new folder, proven
    and locked; the old one is not touched. The exit code is 1 if nothing newer was found.

    \b
    Examples:
      modelenv upgrade -m churn_model                      writes churn_model-upgraded
      modelenv upgrade -m churn_model numpy "pandas<3"     these alone, others if they must
      modelenv upgrade -m churn_model --security --advisories all.zip
      modelenv upgrade -m churn_model --python 3.13 -o churn_313
    """
    from ...time.upgrading import upgrade as move_on

    with Progress.of_command() as tell:
        tell(f"reading {model}")
        found = move_on(model, destination, report=tell.note, progress=tell, **options)
    report(found, as_json=as_json)
    if not found.good:
        sys.exit(1)
