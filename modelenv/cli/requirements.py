"""``modelenv requirements list|add|remove|set -m FOLDER``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..edit.requirements import update_requirements
from ..environments.managers import Manager
from ..folder.model_folder import Stated
from .options import F, json_option, manager_option, model_option, report, timeout_option


@click.group()
def requirements() -> None:
    """List or edit the requirements of a saved model.

    \b
    Examples:
      modelenv requirements list -m churn_model
      modelenv requirements add -m churn_model "numpy<2" --prove
      modelenv requirements remove -m churn_model pandas
    """


@requirements.command("list")
@model_option
@json_option
def list_(model: Path, *, as_json: bool) -> None:
    """List the requirements, each with why it is there."""
    stated = Stated.read(model)
    roots = {entry.key for entry in stated.roots}
    if as_json:
        listed = [
            {
                "requirement": entry.requirement,
                "because": entry.comment,
                "evidence": list(entry.evidence),
                "root": entry.key in roots,
                "hashes": list(entry.hashes),
            }
            for entry in stated.spec.requirements
        ]
        document = {"schema": 1, "python": stated.spec.python, "requirements": listed}
        click.echo(json.dumps(document, indent=2))
        return
    width = max((len(entry.requirement) for entry in stated.spec.requirements), default=0)
    for entry in stated.spec.requirements:
        click.echo(f"{entry.requirement:<{width}}  {entry.comment}".rstrip())
    for line in stated.spec.unnamed:
        click.echo(line)


def edit_options(command: F) -> F:
    """Add the options of an edit."""
    options = (
        model_option,
        click.option(
            "-c",
            "--constraint",
            "constraints",
            multiple=True,
            metavar="LINE",
            help="Narrow versions, adding nothing; may be repeated.",
        ),
        click.option(
            "--prove", is_flag=True, help="Predict again, and change nothing if it fails."
        ),
        click.option("--no-index", is_flag=True, help="Ask no index: only what is installed."),
        manager_option,
        timeout_option,
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


_file_option = click.option(
    "-r", "--requirement", "files", multiple=True, metavar="FILE", help="A requirements file."
)


@requirements.command()
@click.argument("lines", nargs=-1, metavar="LINE...")
@_file_option
@edit_options
def add(lines: tuple[str, ...], files: tuple[str, ...], **options: Any) -> None:
    """Add requirements; on the same name they win over what is pinned."""
    _edit(options, add=_with_files(lines, files))


@requirements.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@edit_options
def remove(names: tuple[str, ...], **options: Any) -> None:
    """Take requirements away, and what only they needed."""
    _edit(options, remove=names)


@requirements.command("set")
@click.argument("lines", nargs=-1, metavar="LINE...")
@_file_option
@edit_options
def set_(lines: tuple[str, ...], files: tuple[str, ...], **options: Any) -> None:
    """Put a list in the place of all requirements."""
    if not lines and not files:
        raise click.UsageError("name the lines that are to stand: LINE... or -r FILE")
    _edit(options, replace_all=_with_files(lines, files))


def _edit(options: dict[str, Any], **asked: Any) -> None:
    manager: Manager = options["env_manager"]
    edited = update_requirements(
        options["model"],
        **asked,
        constraints=options["constraints"],
        prove=options["prove"],
        index="never" if options["no_index"] else "auto",
        env_manager=manager,
        timeout=options["timeout"],
    )
    report(edited, as_json=options["as_json"])


def _with_files(lines: tuple[str, ...], files: tuple[str, ...]) -> tuple[str, ...]:
    return (*lines, *(f"-r {file}" for file in files))
