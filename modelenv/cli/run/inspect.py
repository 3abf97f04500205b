"""``modelenv inspect``, ``why`` and ``diff``: look at a folder without running anything."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..options import MODEL_TO_READ, json_option, model_option, report
from ..shared.look.loudness import is_quiet
from ..shared.terminal import echo, echo_json

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@model_option
@json_option
def inspect(model: Path, *, as_json: bool) -> None:
    """Tell what a model folder holds, without loading it.

    \b
    Examples:
      modelenv inspect -m churn_model
      modelenv inspect -m churn_model --json
    """
    from ...run.inspect import inspect_model

    report(inspect_model(model), as_json=as_json)


@click.command()
@model_option
@click.argument("target")
@click.option("--all", "all_", is_flag=True, help="Show every chain, not the shortest ten.")
@json_option
def why(model: Path, target: str, *, all_: bool, as_json: bool) -> None:
    """Show every chain from the model to a requirement, a module or a file.

    TARGET is a distribution, a module, or a data file or shared library that the model touched.
    Nothing is run.

    \b
    Examples:
      modelenv why -m churn_model numpy             a distribution
      modelenv why -m churn_model scipy.special     a module
      modelenv why -m churn_model stopwords.txt     a file that was read
      modelenv why -m churn_model libgomp.so.1      a shared library
    """
    from ...repair.why import why as find_chains

    report(find_chains(model, target, limit=sys.maxsize if all_ else 10), as_json=as_json)


@click.command()
@click.argument("left", type=MODEL_TO_READ, metavar="A")
@click.argument("right", type=MODEL_TO_READ, metavar="[B]", required=False)
@json_option
def diff(left: Path, right: Path | None, *, as_json: bool) -> None:
    """Tell what differs between two model folders or environment files.

    Without B, a model folder is compared with this interpreter. The exit code is 1 where they
    differ. Of a folder its requirements are compared; where a lock beside them says otherwise, that
    is told too.

    \b
    Examples:
      modelenv diff churn_model                          the model and this interpreter
      modelenv diff churn_model churn_model_2            two models
      modelenv diff churn_model/requirements.txt conda.yaml
    """
    from ...base.siblings import envfiles
    from ...run.drift import compare_environment
    from ..shared.look.tell import tell

    if right is None:
        difference = compare_environment(left).difference
    else:
        difference = envfiles.compare(envfiles.read_side(left), envfiles.read_side(right))
    notes = [note for side in (left, right) if side is not None for note in _lock_notes(side)]
    if as_json:
        echo_json({**difference.to_json(), "notes": notes})
    else:
        tell(difference)
        for note in () if is_quiet() else notes:
            echo(f"note: {note}", err=True)
    if difference:
        sys.exit(1)


def _lock_notes(side: Path) -> list[str]:
    """Say what the locks of a folder have otherwise than its requirements, which are compared."""
    from ...folder.model_folder import ModelFolder
    from ...run.locks.beside import lock_notes

    if not side.is_dir():
        return []
    return [f"{side}: {note}" for note in lock_notes(ModelFolder.at(side))]
