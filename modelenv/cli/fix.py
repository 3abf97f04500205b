"""``modelenv fix -m FOLDER [--write]``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..environments.managers import Manager
from ..repair.fix import fix as mend
from .options import json_option, manager_option, model_option, report, timeout_option
from .progress import progress


@click.command()
@model_option
@click.option("--write", is_flag=True, help="Update the folder where it runs in the end.")
@click.option("--steps", type=int, default=10, show_default=True, help="Changes at most.")
@click.option("--index", is_flag=True, help="Ask the index about names that are guesses.")
@manager_option
@timeout_option
@json_option
def fix(
    model: Path,
    steps: int,
    env_manager: Manager,
    timeout: float,
    *,
    write: bool,
    index: bool,
    as_json: bool,
) -> None:
    """Mend the requirements of a model that fails.

    It is run, the failure diagnosed, the requirements changed, and so on; each step is shown. The
    folder itself is changed with --write alone. The exit code is 1 where no way was found.

    \b
    Examples:
      modelenv fix -m churn_model            show what would work
      modelenv fix -m churn_model --write    and put it into the folder
    """
    found = mend(
        model,
        env_manager=env_manager,
        write=write,
        index=index,
        timeout=timeout,
        steps=steps,
        report=lambda text: click.echo(text, err=True),
        progress=progress(),
    )
    report(found, as_json=as_json)
    if not found.good:
        sys.exit(1)
