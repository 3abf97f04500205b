"""``modelenv requirements``, ``lock`` and ``migrate-channels``: changes to a folder's pins."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from .options import (
    MODEL_TO_CHANGE,
    changed_model_option,
    constraint_option,
    index_options,
    json_option,
    manager_option,
    model_option,
    report,
    seal_options,
    selection_options,
    timeout_option,
    upgrade_option,
)
from .shared.bundles import bundle, together
from .shared.look.loudness import is_quiet
from .shared.progress import Progress, progress_option
from .shared.suggesting import SuggestingGroup
from .shared.terminal import echo, echo_json

if TYPE_CHECKING:
    from pathlib import Path

    from ..base.indexes import Indexes
    from ..edit.migrate_channels import Migrated


@click.group(cls=SuggestingGroup)
def requirements() -> None:
    """List or edit the requirements of a saved model.

    \b
    Examples:
      modelenv requirements list -m churn_model
      modelenv requirements add -m churn_model "numpy<3" --prove
      modelenv requirements remove -m churn_model pandas
    """


@requirements.command("list")
@model_option
@json_option
def list_(model: Path, *, as_json: bool) -> None:
    """List the requirements, each with why it is there."""
    from ..folder.model_folder import ModelFolder

    pins = ModelFolder.at(model).pins
    roots = {entry.key for entry in pins.roots}
    if as_json:
        listed = [
            {
                "requirement": entry.requirement,
                "because": entry.comment,
                "evidence": list(entry.evidence),
                "root": entry.key in roots,
                "hashes": list(entry.hashes),
            }
            for entry in pins.entries
        ]
        document = {"schema": 1, "python": pins.spec.python, "requirements": listed}
        echo_json(document)
        return
    from .shared.look.listed import ListedPins
    from .shared.look.tell import tell

    found = ListedPins(tuple(pins.entries), tuple(pins.spec.unnamed))
    if is_quiet():
        echo("".join(f"{line}\n" for line in found.lines), nl=False)
    elif found.lines:
        tell(found)


def _edit(*, model: Path, indexes: Indexes, as_json: bool, **change: Any) -> None:
    """Change the requirements with the options of `update_requirements`, and print the result."""
    from ..edit.requirements import update_requirements

    with Progress.of_command() as tell:
        tell("resolving the requirements anew")
        edited = update_requirements(model, report=tell, indexes=indexes, **change)
    report(edited, as_json=as_json)


def _all_lines(*, lines: tuple[str, ...], files: tuple[str, ...]) -> tuple[str, ...]:
    return (*lines, *(f"-r {file}" for file in files))


edit_options = together(
    changed_model_option,
    constraint_option,
    click.option("--prove", is_flag=True, help="Predict again, and change nothing if it fails."),
    manager_option,
    timeout_option,
    *seal_options,
    index_options,
    progress_option,
    json_option,
)
"""The options of an edit, named as `_edit` takes them."""

line_options = bundle(
    "lines",
    _all_lines,
    click.argument("lines", nargs=-1, metavar="LINE..."),
    click.option(
        "-r",
        "--requirement",
        "files",
        multiple=True,
        metavar="FILE",
        help="A list: requirements.txt, pyproject.toml, uv.lock, pylock.toml or a script.",
    ),
)
"""Requirement lines, and files of them, as one list of lines."""


@requirements.command()
@line_options
@selection_options
@edit_options
def add(lines: tuple[str, ...], **options: Any) -> None:
    """Add requirements; on the same name they win over what is pinned."""
    _edit(add=lines, **options)


@requirements.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@edit_options
def remove(names: tuple[str, ...], **options: Any) -> None:
    """Take requirements away, and what only they needed."""
    _edit(remove=names, **options)


@requirements.command("set")
@line_options
@selection_options
@edit_options
def set_(lines: tuple[str, ...], **options: Any) -> None:
    """Put a list in the place of all requirements."""
    if not lines:
        raise click.UsageError("name the lines that are to stand: LINE... or -r FILE")
    _edit(replace_all=lines, **options)


@click.command()
@changed_model_option
@click.option(
    "--target",
    metavar="TARGET",
    help="Resolve for another Python and platform, as 3.12 or 3.12-win_amd64, into a lock of its"
    " own.  [default: the model's Python, this platform]",
)
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="PLATFORM",
    help="Lock for this platform too, as win_amd64, macosx_arm64 or manylinux_2_34_x86_64, in the"
    " one pylock.toml; may be repeated.  [default: the model's]",
)
@click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="VERSION",
    help="Lock for this Python too, as 3.13; may be repeated.  [default: the model's]",
)
@click.option("--hashes", is_flag=True, help="Write the hashes into requirements.txt as well.")
@upgrade_option
@index_options
@progress_option
@json_option
def lock(model: Path, *, indexes: Indexes, as_json: bool, **options: Any) -> None:
    """Write pylock.toml: every file of the model's environment, with its hash.

    If the hash of a file is unavailable, nothing is written and the exit code is 1.

    \b
    Examples:
      modelenv lock -m churn_model --hashes
      modelenv lock -m churn_model --target 3.12-manylinux_2_28_x86_64
      modelenv lock -m churn_model --platform win_amd64 --platform macosx_arm64 --python 3.13
      modelenv lock -m churn_model --as-of model      as its packages were when it was made
    """
    from ..edit.lock import lock_model, named_hosts
    from .shared.look.beside import tell_lines

    for host in named_hosts(model, indexes):
        tell_lines(f"asks {host}, which the folder names")
    with Progress.of_command() as tell:
        tell("looking for every file and its hash")
        locking = lock_model(model, indexes=indexes, report=tell, **options)
    report(locking, as_json=as_json)
    if locking.lock is None:
        sys.exit(1)


@click.command("migrate-channels")
@click.argument("paths", nargs=-1, required=True, type=MODEL_TO_CHANGE, metavar="PATH...")
@click.option("--from", "old", default="defaults", show_default=True, help="The channel to leave.")
@click.option("--to", "new", default="conda-forge", show_default=True, help="The one to go to.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@json_option
def migrate_channels(
    paths: tuple[Path, ...], old: str, new: str, *, dry_run: bool, as_json: bool
) -> None:
    """Move the models below the paths from one conda channel to another.

    `defaults` is found as anaconda, main, r, pkgs/main, as a URL, and where no channel is named.
    The exit code is 2 if a file could not be changed.

    \b
    Examples:
      modelenv migrate-channels mlruns --dry-run
      modelenv migrate-channels mlruns --from defaults --to conda-forge
    """
    from ..base.text import counted
    from ..edit.migrate_channels import iter_migrated
    from .shared.look.beside import tell_lines

    counts: Counter[str] = Counter()
    results = _counted(iter_migrated(paths, old=old, new=new, dry_run=dry_run), counts)
    if as_json:
        _print_json(results)
    else:
        for result in results:
            if result.status != "unchanged" or result.notes:
                _show(result)
    if not is_quiet():
        said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        tell_lines(f"{counted(counts.total(), 'model')}: {said or 'none found'}")
    sys.exit(2 if counts["faulty"] else 0)


def _show(result: Migrated) -> None:
    """Print what came of a file, on a terminal with an empty line below it."""
    from .shared.look.tell import is_page, tell

    if is_page():
        tell(result)
        echo("")
    else:
        echo(str(result))


def _counted(results: Iterable[Migrated], counts: Counter[str]) -> Iterator[Migrated]:
    """Yield the results and count them, with progress on a terminal that can go back in a line."""
    from ..base.text import counted
    from .shared.look.screen import screen_of

    terminal = sys.stderr.isatty() and screen_of(sys.stderr) is not None and not is_quiet()
    for result in results:
        counts[result.status] += 1
        if terminal and counts.total() % 20 == 0:
            click.echo(f"\r{counted(counts.total(), 'model')} ", nl=False, err=True)
        yield result


def _print_json(results: Iterable[Migrated]) -> None:
    """Print one document incrementally, so that thousands of results need not be in memory."""
    echo('{"schema": 1, "files": [', nl=False)
    for index, result in enumerate(results):
        echo(",\n" if index else "\n", nl=False)
        echo_json(result.to_json(), indent=None, nl=False)
    echo("\n]}")
