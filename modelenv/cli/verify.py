"""``modelenv verify -m FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..isolation.environments import Manager
from ..replay import Folder, Run, verify_folder
from .options import (
    allow_changed_option,
    json_option,
    manager_option,
    memory_option,
    model_option,
    override_option,
    overriding,
    report,
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
@json_option
def verify(
    model: Path,
    env_manager: Manager,
    override: str | None,
    timeout: float,
    memory: int | None,
    *,
    allow_changed: bool,
    as_json: bool,
) -> None:
    """Check that a saved model still gives its recorded prediction.

    It predicts on the recorded example in an environment that holds only the pins. The exit code
    is 1 where it fails or the prediction differs.
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
    report(verdict, as_json=as_json)
    if not verdict.good:
        if verdict.detail and not as_json:
            click.echo(verdict.detail.rstrip(), err=True)
        sys.exit(1)
