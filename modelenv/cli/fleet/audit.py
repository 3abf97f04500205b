"""``modelenv fleet audit``: advisories against the versions that many models pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..options import index_options
from ..run.audit import advisories_option
from .options import fleet_options, models_argument, output_options, told

if TYPE_CHECKING:
    from pathlib import Path

    from ...base.indexes import Indexes
    from ...fleet.audit.report import FleetAudit
    from ...fleet.fleets import FleetOptions


@click.command(short_help="Find what advisories say against the versions that models pin.")
@models_argument
@advisories_option
@click.option(
    "--pip-audit",
    is_flag=True,
    help="Ask pip-audit, which sends all names and versions to a service on the network.",
)
@click.option(
    "--index",
    is_flag=True,
    help="Ask the indexes too: which pins were withdrawn, which projects archived?",
)
@click.option(
    "--newer", is_flag=True, help="Resolve each set of pins again: what would change today?"
)
@index_options
@fleet_options
@output_options
def audit(
    models: tuple[str, ...],
    advisories: tuple[Path, ...],
    indexes: Indexes,
    fleet: FleetOptions,
    *,
    pip_audit: bool,
    index: bool,
    newer: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Find what advisories say against the versions that the models pin, and who shares them.

    Nothing of a model is run, and nothing is asked on the network unless an option says so. The
    exit code is 1 if an advisory covers a version, or if that cannot be decided.

    \b
    Examples:
      modelenv fleet audit mlruns --advisories all.zip
      modelenv fleet audit mlruns --pip-audit
      modelenv fleet audit mlruns --index
      modelenv fleet audit mlruns --newer -o audit.csv
    """
    from ...fleet.audit.audit import audit_fleet

    def go(options: FleetOptions) -> FleetAudit:
        return audit_fleet(
            models,
            advisories=advisories,
            pip_audit=pip_audit,
            index=index,
            newer=newer,
            indexes=indexes,
            fleet=options,
        )

    told(go, fleet, output, as_json=as_json)
