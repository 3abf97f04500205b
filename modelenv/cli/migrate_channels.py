"""``modelenv migrate-channels PATH... [--from defaults] [--to conda-forge]``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ..base.text import counted
from ..edit.migrate_channels import Migrated, iter_migrated
from .options import PATH, json_option


@click.command("migrate-channels")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@click.option("--from", "old", default="defaults", show_default=True, help="The channel to leave.")
@click.option("--to", "new", default="conda-forge", show_default=True, help="The one to go to.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@json_option
def migrate_channels(
    paths: tuple[Path, ...], old: str, new: str, *, dry_run: bool, as_json: bool
) -> None:
    """Move the models below the paths from one conda channel to another.

    `defaults` is found as anaconda, main, r, pkgs/main, as a URL, and where no channel is named.
    The exit code is 2 where a file could not be changed.

    \b
    Examples:
      modelenv migrate-channels mlruns --dry-run
      modelenv migrate-channels mlruns --from defaults --to conda-forge
    """
    counts: Counter[str] = Counter()
    results = _counted(iter_migrated(paths, old=old, new=new, dry_run=dry_run), counts)
    if as_json:
        _print_json(results)
    else:
        for result in results:
            if result.status != "unchanged" or result.notes:
                click.echo(str(result))
    said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    click.echo(f"{counted(counts.total(), 'model')}: {said or 'none found'}", err=True)
    sys.exit(2 if counts["faulty"] else 0)


def _counted(results: Iterable[Migrated], counts: Counter[str]) -> Iterator[Migrated]:
    """Count the results, and tell on a terminal how far it is."""
    terminal = sys.stderr.isatty()
    for result in results:
        counts[result.status] += 1
        if terminal and counts.total() % 20 == 0:
            click.echo(f"\r{counted(counts.total(), 'model')} ", nl=False, err=True)
        yield result


def _print_json(results: Iterable[Migrated]) -> None:
    """Print one document, result by result: a thousand need not be held at once."""
    click.echo('{"schema": 1, "files": [', nl=False)
    for index, result in enumerate(results):
        click.echo((",\n" if index else "\n") + json.dumps(result.to_json()), nl=False)
    click.echo("\n]}")
