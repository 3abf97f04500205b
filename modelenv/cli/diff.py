"""``modelenv diff A [B]``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..base.siblings import envfiles
from ..run.load import compare_environment
from .options import PATH, json_option, report


@click.command()
@click.argument("left", type=PATH, metavar="A")
@click.argument("right", type=PATH, metavar="[B]", required=False)
@json_option
def diff(left: Path, right: Path | None, *, as_json: bool) -> None:
    """Tell what differs between two model folders or environment files.

    Without B, a model folder is compared with this interpreter. The exit code is 1 where they
    differ.

    \b
    Examples:
      modelenv diff churn_model                          the model and this interpreter
      modelenv diff churn_model churn_model_2            two models
      modelenv diff churn_model/requirements.txt conda.yaml
    """
    if right is None:
        difference = compare_environment(left).difference
    else:
        difference = envfiles.compare(envfiles.read_side(left), envfiles.read_side(right))
    report(difference, as_json=as_json)
    if difference:
        sys.exit(1)
