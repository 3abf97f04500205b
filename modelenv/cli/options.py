"""The options and forms of output that several subcommands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="Report as one JSON document.")

model_option = click.option(
    "-m", "--model", "model", type=PATH, required=True, metavar="FOLDER", help="The model folder."
)

manager_option = click.option(
    "--env-manager",
    type=click.Choice(["auto", "replica", "uv", "virtualenv", "local"]),
    default="auto",
    show_default=True,
    help="A replica of links to what is installed, an environment that is built, or this one.",
)

timeout_option = click.option(
    "--timeout", type=float, default=600.0, show_default=True, help="Seconds a run may take."
)


def requirement_options(command: F) -> F:
    """Add the options that say what is pinned, and how."""
    options = (
        click.option(
            "--requirement",
            "extra",
            multiple=True,
            metavar="LINE",
            help="Add this requirement to what is traced; may be repeated.",
        ),
        click.option(
            "--pip-requirements",
            type=PATH,
            metavar="FILE",
            help="Take this requirements file instead of what is traced.",
        ),
        click.option(
            "-c",
            "--constraint",
            "constraints",
            multiple=True,
            metavar="LINE",
            help="Narrow versions, adding nothing; may be repeated.",
        ),
        click.option(
            "--override",
            "overrides",
            multiple=True,
            metavar="LINE",
            help="Replace every requirement on this name, whoever states it; may be repeated.",
        ),
        click.option(
            "--exclude",
            multiple=True,
            metavar="NAME",
            help="Drop every requirement on this name, whoever states it; may be repeated.",
        ),
        click.option(
            "--optional",
            type=click.Choice(["prove", "keep"]),
            default="prove",
            show_default=True,
            help="What becomes of distributions that libraries merely probe for.",
        ),
        click.option("--no-prove", is_flag=True, help="Write without proving that it runs."),
        click.option("--strict", is_flag=True, help="Refuse pins other than what was traced."),
        click.option("--overwrite", is_flag=True, help="Replace a model folder that is there."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def report(value: Any, *, as_json: bool) -> None:
    """Print a result: its own words, or its JSON."""
    if as_json:
        data: Mapping[str, Any] = value.to_json()
        click.echo(json.dumps(data, indent=2))
    else:
        click.echo(str(value))
