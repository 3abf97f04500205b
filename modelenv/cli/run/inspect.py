"""``modelenv inspect``, ``why``, ``report``, ``diff``: reading a folder without running it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..options import (
    FILE,
    MODEL_TO_READ,
    index_options,
    json_option,
    model_option,
    selection_options,
)
from ..options import report as tell
from ..shared.look.loudness import is_quiet
from ..shared.terminal import echo, echo_json

if TYPE_CHECKING:
    from pathlib import Path

    from ...base.indexes import Indexes


@click.command()
@model_option
@json_option
def inspect(model: Path, *, as_json: bool) -> None:
    """Show what a model folder holds, without loading it.

    \b
    Examples:
      modelenv inspect -m churn_model
      modelenv inspect -m churn_model --json
    """
    from ...run.inspect import inspect_model

    tell(inspect_model(model), as_json=as_json)


@click.command()
@model_option
@click.argument("target")
@click.option("--all", "all_", is_flag=True, help="Show every chain, not the shortest ten.")
@json_option
def why(model: Path, target: str, *, all_: bool, as_json: bool) -> None:
    """Show every chain from the model to a requirement, a module or a file.

    TARGET is a distribution, a module, a file of the folder, or what the model touched: a data
    file, a shared library, a program, a host. Nothing is run.

    \b
    Examples:
      modelenv why -m churn_model numpy             a distribution
      modelenv why -m churn_model scipy.special     a module
      modelenv why -m churn_model stopwords.txt     a file that was read
      modelenv why -m churn_model libgomp.so.1      a shared library
      modelenv why -m churn_model code/churn/model.py   a file of the folder
    """
    from ...repair.why import why as find_chains

    tell(find_chains(model, target, limit=sys.maxsize if all_ else 10), as_json=as_json)


@click.command()
@model_option
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The page to write; an existing file is replaced.",
)
@click.option("--index", is_flag=True, help="Ask the index for the newest version of each pin.")
@index_options
@json_option
def report(model: Path, output: Path, indexes: Indexes, *, index: bool, as_json: bool) -> None:
    """Write a page on a model: what it needs and why, what was proven, what it costs.

    One file, which any browser shows without a network: the graph of what the model needs with the
    evidence for each, what was left out, the time of imports, sizes, files, libraries, programs
    and hosts, and in what this environment differs. Nothing of the model is loaded or run.

    \b
    Examples:
      modelenv report -m churn_model -o report.html
      modelenv report -m churn_model -o report.html --index    and which pins are behind
    """
    from ...base.text import in_bytes
    from ...report.reporting import report_model
    from ..shared.look.listed import WrittenReport
    from ..shared.look.tell import tell as show

    found = report_model(model, output, index=index, indexes=indexes)
    if as_json:
        echo_json(found.to_json())
        return
    written = WrittenReport(found, output, in_bytes(output.stat().st_size))
    if is_quiet():
        show(found)
        echo(f"{output}: {written.size}")
    else:
        show(written)


@click.command()
@click.argument("left", type=MODEL_TO_READ, metavar="A")
@click.argument("right", type=MODEL_TO_READ, metavar="[B]", required=False)
@selection_options
@json_option
def diff(
    left: Path,
    right: Path | None,
    *,
    groups: tuple[str, ...],
    extras: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what differs between two model folders, lists or environment files.

    A list may have any known form: requirements, pyproject.toml, uv.lock, pylock.toml, a script.
    Without B, a model folder is compared with this interpreter. The exit code is 1 if they differ.
    For a folder its requirements are compared; if a lock beside them differs, the report says so.

    \b
    Examples:
      modelenv diff churn_model                          the model and this interpreter
      modelenv diff churn_model churn_model_2            two models
      modelenv diff churn_model/requirements.txt conda.yaml
      modelenv diff churn_model uv.lock --group serve    a model and its project's lock
    """
    from ...base.settings import Settings
    from ...base.siblings import envfiles
    from ...environments.builders.exports import ToolExport
    from ...run.drift import compare_environment
    from ..shared.look.beside import tell_note
    from ..shared.look.tell import tell as show

    if right is None:
        difference = compare_environment(left).difference
    else:
        selection = envfiles.Selection(extras=extras, groups=groups)
        export = ToolExport(Settings.from_environment().environment)
        sides = envfiles.read_sides(left, right, selection=selection, export=export)
        difference = envfiles.compare(*sides)
    notes = [note for side in (left, right) if side is not None for note in _lock_notes(side)]
    if as_json:
        echo_json({**difference.to_json(), "notes": notes})
    else:
        show(difference)
        for note in () if is_quiet() else notes:
            tell_note(note)
    if difference:
        sys.exit(1)


def _lock_notes(side: Path) -> list[str]:
    """Return sentences on differences between a folder's locks and its requirements."""
    from ...folder.model_folder import ModelFolder
    from ...run.locks.beside import lock_notes

    if not side.is_dir():
        return []
    return [f"{side}: {note}" for note in lock_notes(ModelFolder.at(side))]
