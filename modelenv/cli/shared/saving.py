"""The options for saving a model: its pins, and the content of the folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..options import (
    PATH,
    constraint_option,
    index_options,
    lines_or_files,
    seal_options,
    selection_options,
    timeout_option,
)
from .bundles import together
from .progress import progress_option
from .wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

pinning_options = together(
    click.option(
        "--requirement",
        "extra_pip_requirements",
        multiple=True,
        # It cannot be combined with a complete list.
        callback=lambda ctx, option, words: lines_or_files(ctx, option, words) or None,
        metavar="LINE|FILE",
        help="Add this requirement to what is traced, or those of a file; may be repeated.",
    ),
    click.option(
        "--pip-requirements",
        type=PATH,
        metavar="FILE",
        help="Take this list instead of what is traced: requirements.txt, pyproject.toml, uv.lock,"
        " pylock.toml, a script with its dependencies.",
    ),
    selection_options,
    click.option(
        "--conda-env",
        type=PATH,
        metavar="FILE",
        help="Take this conda file, its Python and its pip section, instead of what is traced.",
    ),
    constraint_option,
    click.option(
        "--override",
        "overrides",
        multiple=True,
        callback=lines_or_files,
        metavar="LINE|FILE",
        help="Replace every requirement on this name, of any distribution; may be repeated.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="NAME",
        help="Drop every requirement on this name, of any distribution; may be repeated.",
    ),
    click.option(
        "--optional",
        type=click.Choice(["prove", "keep"]),
        default="prove",
        show_default=True,
        help="Whether distributions that libraries merely probe for are kept.",
    ),
    click.option(
        "--no-prove",
        "prove",
        is_flag=True,
        callback=lambda _, __, unproven: not unproven,
        help="Write without proving that it runs.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Refuse pins other than what was traced, and files edited since they were installed.",
    ),
    click.option(
        "--bundle",
        multiple=True,
        metavar="edited|NAME",
        help="Pack distributions with edited files as wheels with a local version, or pack this "
        "distribution as a wheel; may be repeated.",
    ),
    click.option(
        "--ask-index",
        is_flag=True,
        help="Ask the index that pip is configured with whether it has each pin.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace a model folder that is there."),
    timeout_option,
    *seal_options,
    index_options,
    progress_option,
)
"""The options for writing a pinned set, named as `save_model` takes them."""


def _named_files(
    _: click.Context, parameter: click.Parameter, given: Sequence[str]
) -> dict[str, Path] | None:
    """Return the files by their names, from words NAME=PATH."""
    from pathlib import Path

    pairs = [each.partition("=") for each in given]
    for name, equals, path in pairs:
        if not (name and equals and path):
            said = f"{name}{equals}{path}"
            raise click.BadParameter(f"{said!r} is not of the form NAME=PATH", param=parameter)
    names = [name for name, _, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise click.BadParameter(f"{', '.join(twice)} is given twice", param=parameter)
    return {name: Path(path) for name, _, path in pairs} or None


def _metadata(_: click.Context, __: click.Parameter, file: Path | None) -> object:
    """Return the content of a YAML or JSON file."""
    from ...base.files.absent import no_file
    from ...base.siblings import envfiles

    if file is None:
        return None
    if not file.is_file():
        raise wrong_use(f"--metadata {file}: {no_file(file)}")
    return envfiles.load_yaml(file.read_text("utf-8"), file=str(file))


folder_options = together(
    click.option(
        "--further-example",
        "further_examples",
        type=PATH,
        multiple=True,
        metavar="FILE",
        help="A further input, pickled, that the proof has to hold for; may be repeated.",
    ),
    click.option(
        "--code-path",
        "code_paths",
        type=PATH,
        multiple=True,
        metavar="PATH",
        help="A further file or folder of your own that travels with the model; may be repeated.",
    ),
    click.option("--no-code", is_flag=True, help="Carry no code of your own."),
    click.option(
        "--artifact",
        "artifacts",
        multiple=True,
        callback=_named_files,
        metavar="NAME=PATH",
        help="A file or folder that the model finds as context.artifacts[NAME]; may be repeated.",
    ),
    click.option(
        "--link-artifacts",
        is_flag=True,
        help="Make hard links of artifacts instead of copies: a write to one changes both.",
    ),
    click.option(
        "--carry",
        type=click.Choice(["imported", "touched"]),
        default="imported",
        show_default=True,
        help="Carry modules of your own, or with them all that the run used in the working folder.",
    ),
    click.option(
        "--metadata",
        type=PATH,
        callback=_metadata,
        metavar="FILE",
        help="A mapping of your own, as YAML or JSON, that MLmodel keeps.",
    ),
    click.option(
        "--no-signature",
        "signature",
        is_flag=True,
        callback=lambda _, __, unsigned: not unsigned,
        help="Write no signature; with one, MLflow checks inputs.",
    ),
    click.option(
        "--mlflow",
        is_flag=True,
        help="Pin what MLflow's environment managers need too: mlflow-skinny and pandas.",
    ),
    click.option(
        "--no-hashes",
        "hashes",
        is_flag=True,
        callback=lambda _, __, unsealed: not unsealed,
        help="Do not seal the model's data with its SHA-256.",
    ),
    click.option(
        "--trace-in-process",
        is_flag=True,
        help="Predict with the model itself, for one too large to be loaded twice.",
    ),
)
"""The options for the content of a model's folder, named as `save_model` takes them."""
