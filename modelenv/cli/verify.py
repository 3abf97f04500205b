"""``modelenv verify -m FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..isolation.environments import Manager
from ..replay import verify as verify_folder
from .options import json_option, manager_option, model_option, report, timeout_option


@click.command()
@model_option
@manager_option
@timeout_option
@json_option
def verify(model: Path, env_manager: Manager, timeout: float, *, as_json: bool) -> None:
    """Check that a saved model still gives its recorded prediction.

    It predicts on the recorded example in an environment that holds only the pins. The exit code
    is 1 where it fails or the prediction differs.
    """
    verdict = verify_folder(model, env_manager=env_manager, timeout=timeout)
    report(verdict, as_json=as_json)
    if not verdict.good:
        if verdict.detail and not as_json:
            click.echo(verdict.detail.rstrip(), err=True)
        sys.exit(1)
