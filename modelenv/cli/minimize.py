"""``modelenv minimize -m FOLDER [--write]``."""

from __future__ import annotations

from pathlib import Path

import click

from ..environments.managers import Manager
from ..repair.minimize import minimize as smallest
from .options import json_option, manager_option, model_option, report, timeout_option
from .progress import progress


@click.command()
@model_option
@click.option("--write", is_flag=True, help="Take out of the folder what is not needed.")
@manager_option
@timeout_option
@json_option
def minimize(
    model: Path, env_manager: Manager, timeout: float, *, write: bool, as_json: bool
) -> None:
    """Find the smallest set of pins that still gives the recorded prediction.

    Only what libraries probe for may go: never what the model imports or what that requires.

    \b
    Examples:
      modelenv minimize -m churn_model            show what could go, and what it saves
      modelenv minimize -m churn_model --write    and take it out of the folder
    """
    found = smallest(
        model, env_manager=env_manager, write=write, timeout=timeout, report=progress()
    )
    report(found, as_json=as_json)
