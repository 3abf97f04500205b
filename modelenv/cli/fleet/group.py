"""``modelenv fleet verify``, ``inspect``, ``lock`` and ``migrate``; ``audit`` has its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..options import index_options, runs_options, upgrade_option
from ..shared.suggesting import SuggestingGroup
from .audit import audit
from .options import fleet_options, models_argument, output_options, result_options, told

if TYPE_CHECKING:
    from pathlib import Path

    from ...fleet.fleets import FleetOptions
    from ...fleet.results.report import FleetReport
    from ...run.isolated import RunOptions


@click.group(cls=SuggestingGroup)
def fleet() -> None:
    """Verify, inspect, audit, lock or migrate many models at once.

    MODELS are folders of models, folders with models below (as mlruns of MLflow), globs, or @FILE,
    a list of these. The result of each is kept by its content: an interrupted run continues, and a
    repeated one costs almost nothing.

    \b
    Examples:
      modelenv fleet verify mlruns
      modelenv fleet audit 'models/*' --advisories all.zip
      modelenv fleet lock --from models.txt --hashes
    """


fleet.add_command(audit)


@fleet.command()
@models_argument
@runs_options
@click.option(
    "--python",
    metavar="PYTHON",
    help="Another Python than the models' own: a version, as 3.14, or an interpreter.",
)
@click.option("--fresh", is_flag=True, help="Run each model in a process of its own.")
@fleet_options
@result_options
def verify(
    models: tuple[str, ...],
    how: RunOptions,
    fleet: FleetOptions,
    *,
    python: str | None,
    fresh: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Check that each model still gives its recorded prediction.

    The verdicts are those of `modelenv verify`. Models that pin the same are verified together.
    The exit code is 1 if any fails, or could not be verified.

    \b
    Examples:
      modelenv fleet verify mlruns -o verdicts.parquet
      modelenv fleet verify 'models/*' --jobs 8 --env-manager uv
      modelenv fleet verify --from models.txt --again failed
    """
    from ...fleet.fleets import verify_fleet

    def go(options: FleetOptions) -> FleetReport:
        return verify_fleet(
            models,
            env_manager=how.manager,
            python=python,
            pip_requirements_override=how.override,
            timeout=how.timeout,
            memory=how.memory,
            allow_changed=how.allow_changed,
            seal=how.seal.seal,
            allow_hosts=how.seal.allow_hosts,
            allow_paths=how.seal.allow_paths,
            indexes=how.indexes,
            fresh=fresh,
            fleet=options,
        )

    told(go, fleet, output, as_json=as_json)


@fleet.command()
@models_argument
@fleet_options
@output_options
def inspect(
    models: tuple[str, ...], fleet: FleetOptions, *, output: Path | None, as_json: bool
) -> None:
    """Tell what the model folders hold, without loading any.

    The exit code is 1 if something of a folder is missing, or cannot be read.

    \b
    Examples:
      modelenv fleet inspect mlruns
      modelenv fleet inspect mlruns -o models.parquet
    """
    from ...fleet.fleets import inspect_fleet

    told(lambda options: inspect_fleet(models, fleet=options), fleet, output, as_json=as_json)


@fleet.command(short_help="Write pylock.toml for each model; equal pins are resolved once.")
@models_argument
@click.option(
    "--target",
    metavar="TARGET",
    help="Resolve for another Python and platform, as 3.12 or 3.12-win_amd64, into a lock of its"
    " own.  [default: the model's Python, this platform]",
)
@click.option("--hashes", is_flag=True, help="Write the hashes into requirements.txt as well.")
@upgrade_option
@index_options
@fleet_options
@output_options
def lock(
    models: tuple[str, ...],
    fleet: FleetOptions,
    *,
    output: Path | None,
    as_json: bool,
    **how: Any,
) -> None:
    """Write pylock.toml for each model; models that pin the same are resolved once.

    The exit code is 1 if one could not be locked: nothing was written there.

    \b
    Examples:
      modelenv fleet lock mlruns --hashes
      modelenv fleet lock 'models/*' --target 3.12-manylinux_2_28_x86_64
    """
    from ...fleet.fleets import lock_fleet

    def go(options: FleetOptions) -> FleetReport:
        return lock_fleet(models, fleet=options, **how)

    told(go, fleet, output, as_json=as_json)


@fleet.command(short_help="Move the models from one conda channel to another.")
@models_argument
@click.option("--old", default="defaults", show_default=True, help="The channel to leave.")
@click.option("--new", default="conda-forge", show_default=True, help="The one to go to.")
@click.option("--write", is_flag=True, help="Change the files. Without it, changes are only shown.")
@fleet_options
@output_options
def migrate(
    models: tuple[str, ...],
    old: str,
    new: str,
    fleet: FleetOptions,
    *,
    write: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Move the models from one conda channel to another; without --write, show what would change.

    \b
    Examples:
      modelenv fleet migrate mlruns
      modelenv fleet migrate mlruns --write
    """
    from ...fleet.fleets import migrate_fleet

    def go(options: FleetOptions) -> FleetReport:
        return migrate_fleet(models, old=old, new=new, write=write, fleet=options)

    told(go, fleet, output, as_json=as_json)
