"""``modelenv verify -m FOLDER``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..environments.managers import Manager
from ..run.cross_check import ask_index, ask_pip
from ..run.predict import Folder, Run, verify_folder
from .options import (
    allow_changed_option,
    json_option,
    manager_option,
    memory_option,
    model_option,
    override_option,
    overriding,
    timeout_option,
)
from .progress import progress


@click.command()
@model_option
@manager_option
@override_option
@timeout_option
@memory_option
@allow_changed_option
@click.option("--index", is_flag=True, help="Ask the index, too, whether it has each pin.")
@click.option("--deep", is_flag=True, help="Ask pip, too, what is installed here.")
@json_option
def verify(
    model: Path,
    env_manager: Manager,
    override: str | None,
    timeout: float,
    memory: int | None,
    *,
    allow_changed: bool,
    index: bool,
    deep: bool,
    as_json: bool,
) -> None:
    """Check that a saved model still gives its recorded prediction.

    It predicts on the recorded example in an environment that holds only the pins. The exit code
    is 1 where it fails, the prediction differs, or a second opinion does.

    \b
    Examples:
      modelenv verify -m churn_model                     in a replica where that can be
      modelenv verify -m churn_model --env-manager uv    in one that uv builds from the pins
      modelenv verify -m churn_model --index --deep      ask the index and pip as well
    """
    how = Run(
        manager=env_manager,
        timeout=timeout,
        memory=memory,
        override=overriding(override),
        report=progress(),
        allow_changed=allow_changed,
    )
    verdict = verify_folder(Folder.open(model), how)
    opinions = [ask_index(model)] if index else []
    opinions += [ask_pip(model)] if deep else []
    if as_json:
        said = {opinion.who: opinion.to_json() for opinion in opinions}
        click.echo(json.dumps({**verdict.to_json(), **said}, indent=2))
    else:
        click.echo("\n".join(map(str, (verdict, *opinions))))
        if verdict.detail and not verdict.good:
            click.echo(verdict.detail.rstrip(), err=True)
    if not verdict.good or any(opinion.against for opinion in opinions):
        sys.exit(1)
