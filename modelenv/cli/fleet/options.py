"""The options of fleet commands, and the output of their results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import click

from ..options import FILE, check_output, json_option
from ..shared.bundles import bundle, together
from ..shared.look.loudness import is_quiet
from ..shared.progress import Progress, progress_option
from ..shared.terminal import echo, echo_json

if TYPE_CHECKING:
    from pathlib import Path

    from ...fleet.audit.report import FleetAudit
    from ...fleet.fleets import FleetOptions
    from ...fleet.results.report import FleetReport
    from ...fleet.state.outcome import ModelOutcome


def _models(*, models: tuple[str, ...], lists: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words, with each list as an ``@FILE`` word among them."""
    if not models and not lists:
        raise click.UsageError("name the models: MODELS... or --from FILE")
    return (*models, *(f"@{each}" for each in lists))


models_argument = bundle(
    "models",
    _models,
    click.argument("models", nargs=-1, metavar="MODELS..."),
    click.option(
        "--from",
        "lists",
        multiple=True,
        metavar="FILE",
        help="A list of such words, one a line; - reads standard input; may be repeated.",
    ),
)
"""Folders of models, trees of them, globs, and lists of these, as words."""


def _fleet(
    *,
    jobs: int | None,
    engine: Literal["threads", "dask", "ray"],
    address: str | None,
    state: Path | None,
    again: Literal["errors", "failed", "all"],
) -> FleetOptions:
    """Return the options of a fleet run."""
    from ...fleet.fleets import FleetOptions

    return FleetOptions(jobs=jobs, engine=engine, address=address, state=state, again=again)


fleet_options = bundle(
    "fleet",
    _fleet,
    click.option(
        "-j", "--jobs", type=int, metavar="N", help="Units at once.  [default: the processors]"
    ),
    click.option(
        "--engine",
        type=click.Choice(["threads", "dask", "ray"]),
        default="threads",
        show_default=True,
        help="Threads of this machine, or a cluster: its machines have this modelenv, and the"
        " models at the same paths.",
    ),
    click.option(
        "--address",
        metavar="ADDRESS",
        help="The cluster, as tcp://host:8786 or ray://host:10001.  [default: one started here]",
    ),
    click.option(
        "--state",
        type=FILE,
        metavar="FILE",
        help="The file from which a later run continues.  [default: one in your folder for state, "
        "by the places]",
    ),
    click.option(
        "--again",
        type=click.Choice(["errors", "failed", "all"]),
        default="errors",
        show_default=True,
        help="Which models run again: those without a result, failed ones too, or all.",
    ),
)
"""The options of a fleet run, as `FleetOptions`."""

result_options = together(
    click.option(
        "-o",
        "--output",
        type=FILE,
        metavar="FILE",
        help="A row for each model, as the name ends: .parquet, .csv or .jsonl.",
    ),
    json_option,
)
"""The options for the results of a command that always shows its progress."""

output_options = together(result_options, progress_option)


def told(
    go: Callable[[FleetOptions], FleetReport | FleetAudit],
    fleet: FleetOptions,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    """Run a fleet operation, print the result, and exit with 1 unless all is good."""
    from dataclasses import replace

    from ...fleet.results.files import check_format, write_outcomes

    check_output(output)
    if output is not None:
        check_format(output)
    with Progress.of_command() as tell:
        report = go(replace(fleet, report=tell.again))
    if output is not None:
        write_outcomes(output, report.outcomes())
    if as_json:
        echo_document(report.to_json(), report.outcomes())
    else:
        from ..shared.look.beside import tell_lines
        from ..shared.look.tell import tell as show

        show(report)
        if not is_quiet():
            state = report.to_json()["state"]
            tell_lines(f"what a later run goes on from: {state}")
    if not report.good:
        sys.exit(1)


def echo_document(document: dict[str, Any], outcomes: Iterator[ModelOutcome]) -> None:
    """Print one document model by model, so that thousands need not be in memory."""
    import json

    head = json.dumps(document, indent=2).rstrip("}").rstrip()
    echo(f'{head},\n  "models": [', nl=False)
    for index, outcome in enumerate(outcomes):
        echo(",\n" if index else "\n", nl=False)
        echo_json(outcome.to_json(), indent=None, nl=False)
    echo("\n  ]\n}")
