"""``modelenv inspect -m FOLDER``."""

from __future__ import annotations

from pathlib import Path

import click

from ..run.inspect import inspect_model
from .options import json_option, model_option, report


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
    report(inspect_model(model), as_json=as_json)
