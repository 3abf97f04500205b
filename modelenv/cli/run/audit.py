"""``modelenv audit``: advisories against a model's pins."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..options import PATH, index_options, json_option, model_option, report
from ..shared.bundles import together
from ..shared.progress import Progress, progress_option

if TYPE_CHECKING:
    from pathlib import Path


advisories_option = click.option(
    "--advisories",
    type=PATH,
    multiple=True,
    metavar="PLACE",
    help="A file of OSV's (.json, .yaml), a folder or a zip of them, or the JSON report of "
    "pip-audit, `uv audit` or `modelenv audit`; may be repeated.",
)


@click.command()
@model_option
@advisories_option
@click.option(
    "--pip-audit",
    is_flag=True,
    help="Ask pip-audit, which sends names and versions to a service on the network.  [default: if "
    "no advisories are named]",
)
@click.option(
    "--index",
    is_flag=True,
    help="Ask the index too: which pins were withdrawn, which projects archived?",
)
@click.option(
    "--ignore", multiple=True, metavar="ID", help="An advisory to ignore; may be repeated."
)
@click.option(
    "--python",
    metavar="PYTHON",
    help="The interpreter with the pins installed: the contents of their wheels are read there. "
    "[default: this one]",
)
@index_options
@together(progress_option)
@json_option
def audit(model: Path, *, pip_audit: bool, as_json: bool, **options: Any) -> None:
    """Find the advisories on a model's pins, and how to mend them.

    Nothing of the model is loaded or run. With --advisories, and without --index, no network is
    used. The exit code is 1 if an advisory covers a version, if that cannot be decided, or if a
    project is in quarantine.

    \b
    Examples:
      modelenv audit -m churn_model                            asks pip-audit
      modelenv audit -m churn_model --advisories all.zip       asks nobody
      modelenv audit -m churn_model --advisories all.zip --ignore CVE-2026-1234
      modelenv audit -m churn_model --advisories all.zip --index    what was withdrawn?
    """
    from ...audit.auditing import audit_model

    with Progress.of_command() as tell:
        tell(f"reading {model}")
        found = audit_model(model, pip_audit=pip_audit or None, report=tell, **options)
    report(found, as_json=as_json)
    if not found.good:
        sys.exit(1)
