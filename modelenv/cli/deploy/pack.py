"""``modelenv pack``: a model's environment as one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..options import (
    FILE,
    index_options,
    json_option,
    model_option,
    report,
    seal_options,
    timeout_option,
)
from ..shared.bundles import together
from ..shared.progress import Progress, progress_option

if TYPE_CHECKING:
    from pathlib import Path

    from ...base.indexes import Indexes
    from ...seal.seals import Wanted


@click.command()
@model_option
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The file to write, as wine.pack.tar.gz; its hash is written beside it.",
)
@click.option(
    "--python",
    metavar="PYTHON",
    help="Another Python than the model's own: a version, as 3.14, or an interpreter.",
)
@click.option(
    "--with-python",
    is_flag=True,
    help="Put the interpreter in: one that runs wherever it is, as uv installs them.",
)
@click.option(
    "--platform",
    metavar="OS/ARCH",
    help="As linux/arm64.  [default: this machine's architecture]",
)
@click.option(
    "--verify/--no-verify",
    default=True,
    help="Predict in it before the file appears.  [default: verify]",
)
@timeout_option
@together(*seal_options)
@index_options
@progress_option
@json_option
def pack(
    model: Path,
    output: Path,
    python: str | None,
    platform: str | None,
    timeout: float,
    seal: Wanted,
    allow_hosts: tuple[str, ...],
    allow_paths: tuple[Path, ...],
    indexes: Indexes,
    *,
    with_python: bool,
    verify: bool,
    as_json: bool,
) -> None:
    """Write the environment of a model as one file, for machines that have no index.

    Before the file appears the model predicts its recorded example in it. The exit code is 1 if
    that is not what was recorded: nothing is written then.

    \b
    Examples:
      modelenv pack -m churn_model -o churn.pack.tar.gz
      modelenv pack -m churn_model -o churn.pack.tar.gz --platform linux/arm64 --no-verify
      modelenv verify -m churn_model --environment churn.pack.tar.gz
      modelenv predict -m churn_model --environment churn.pack.tar.gz -i new.csv
    """
    from ...batch.pack.packing import pack_environment

    with Progress.of_command() as tell:
        packed = pack_environment(
            model,
            output,
            python=python,
            with_python=with_python,
            platform=platform,
            verify=verify,
            timeout=timeout,
            seal=seal,
            allow_hosts=allow_hosts,
            allow_paths=allow_paths,
            indexes=indexes,
            report=tell,
        )
    report(packed, as_json=as_json)
