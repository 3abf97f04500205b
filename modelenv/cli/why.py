"""``modelenv why -m FOLDER TARGET``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..repair.why import why as find
from .options import json_option, model_option, report


@click.command()
@model_option
@click.argument("target")
@click.option("--all", "all_", is_flag=True, help="Show every chain, not the shortest ten.")
@json_option
def why(model: Path, target: str, *, all_: bool, as_json: bool) -> None:
    """Show every chain from the model to a requirement, a module or a file.

    TARGET is a distribution, a module, or a data file or shared library that the model touched.
    Nothing is run.

    \b
    Examples:
      modelenv why -m churn_model numpy             a distribution
      modelenv why -m churn_model scipy.special     a module
      modelenv why -m churn_model stopwords.txt     a file that was read
      modelenv why -m churn_model libgomp.so.1      a shared library
    """
    report(find(model, target, limit=sys.maxsize if all_ else 10), as_json=as_json)
