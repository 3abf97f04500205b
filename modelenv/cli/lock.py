"""``modelenv lock -m FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..edit.lock import lock_model
from .options import json_option, model_option, report


@click.command()
@model_option
@click.option(
    "--target",
    metavar="TARGET",
    help="Resolve for another Python and platform, as 3.12 or 3.12-win_amd64, into a lock of its"
    " own.  [default: the model's Python, this platform]",
)
@click.option("--hashes", is_flag=True, help="Write the hashes into requirements.txt as well.")
@json_option
def lock(model: Path, target: str | None, *, hashes: bool, as_json: bool) -> None:
    """Write pylock.toml: every file of the model's environment, with its hash.

    Where a file has no hash that can be had nothing is written, and the exit code is 1.

    \b
    Examples:
      modelenv lock -m churn_model --hashes
      modelenv lock -m churn_model --target 3.12-manylinux_2_28_x86_64
    """
    locking = lock_model(model, target=target, hashes=hashes)
    report(locking, as_json=as_json)
    if locking.lock is None:
        sys.exit(1)
