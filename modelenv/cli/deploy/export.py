"""``modelenv export``: a saved model in the formats of other tools, or as an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click
from click.core import ParameterSource

from ..options import PATH, index_options, json_option, model_option, report
from ..shared.progress import Progress, progress_option
from ..shared.wrong_use import wrong_use
from .ship import platform_option, server_option, system_package_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...base.indexes import Indexes
    from ...export.exporting import EnvironmentFormat

_IMAGE = "oci-layout"
_NOT_ASKED = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
_FORMATS = (
    "cyclonedx",
    "pep723",
    "uv",
    "requirements",
    "explicit",
    "ray-runtime-env",
    "devcontainer",
    "bentofile",
    "model-settings",
    _IMAGE,
)
_OF_IMAGES = ("base", "name", "platform", "server", "system_packages", "base_has")
_OF_ENVIRONMENTS = ("target", "python")


@click.command()
@model_option
@click.option(
    "--format",
    "to",
    type=click.Choice(_FORMATS),
    default=_IMAGE,
    show_default=True,
    help="What is written.",
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    required=True,
    metavar="PATH",
    help="The file to write; a folder for uv, devcontainer, bentofile, model-settings. An image "
    "layout is a folder, or a tar if the name ends in .tar, also for docker load.",
)
@click.option(
    "--target",
    metavar="TARGET",
    help="cyclonedx, requirements: for another Python and platform, as 3.12-win_amd64.",
)
@click.option(
    "--python",
    type=PATH,
    metavar="PATH",
    help="The interpreter with the environment in which licences, contents of wheels, and conda's "
    "packages are looked up.  [default: modelenv's own]",
)
@click.option(
    "--base",
    metavar="LAYOUT[:NAME]",
    help="oci-layout: the image layout of the base: a folder, or a tar of one.",
)
@click.option(
    "-n",
    "--name",
    metavar="NAME[:TAG]",
    help="oci-layout: the name of the image.  [default: as the folder]",
)
@platform_option
@server_option
@system_package_option
@click.option(
    "--base-has",
    multiple=True,
    metavar="NAME",
    help="oci-layout: a Debian package that the base has under another name; may be repeated.",
)
@index_options
@progress_option
@json_option
@click.pass_context
def export(
    context: click.Context,
    model: Path,
    to: str,
    output: Path,
    target: str | None,
    python: Path | None,
    base: str | None,
    name: str | None,
    platform: str | None,
    system_packages: tuple[str, ...],
    base_has: tuple[str, ...],
    indexes: Indexes,
    *,
    server: bool,
    as_json: bool,
) -> None:
    """Write a model in the form of another tool, or as an image.

    The report says what the form cannot express. The forms are: a bill of materials (cyclonedx); a
    script or a project that uv runs (pep723, uv); lists for pip on any platform and for conda
    (requirements, explicit); environments for Ray and for development containers; projects of
    BentoML and MLServer; and an image that serves the model (oci-layout). No builder makes the
    image: its layers are made from wheels and put on those of the base; nothing of the base is run.

    \b
    Examples:
      modelenv export -m churn_model --format cyclonedx -o churn.cdx.json
      modelenv export -m churn_model --format pep723 -o predict.py
      modelenv export -m churn_model --format uv -o churn_project
      modelenv export -m churn_model --format requirements --target 3.12-win_amd64 -o win.txt
      modelenv export -m churn_model --base slim.tar -n churn:1 -o churn.tar
      skopeo copy oci:churn_image docker://registry.example.com/churn:1
    """
    _check(context, to, _OF_ENVIRONMENTS if to == _IMAGE else _OF_IMAGES)
    with Progress.of_command() as tell:
        if to == _IMAGE:
            if base is None:
                raise wrong_use("--format oci-layout needs --base: the image layout it stands on")
            from ...ship.oci.export import export_model

            report(
                export_model(
                    model,
                    output,
                    base=base,
                    name=name,
                    platform=platform,
                    server=server,
                    system_packages=system_packages,
                    base_has=base_has,
                    indexes=indexes,
                    report=tell,
                ),
                as_json=as_json,
            )
            return
        from ...export.exporting import export_environment

        exported = export_environment(
            model,
            output,
            to=cast("EnvironmentFormat", to),
            target=target,
            python=python,
            indexes=indexes,
            report=tell,
        )
    report(exported, as_json=as_json)


def _check(context: click.Context, to: str, others: tuple[str, ...]) -> None:
    """Raise a usage error for options that belong to other formats."""
    named = [*_given(context, others)]
    if named:
        raise wrong_use(f"--format {to} has no {', '.join(named)}")


def _given(context: click.Context, names: tuple[str, ...]) -> Iterator[str]:
    """Yield those of some options that were given, as the user types them."""
    for each in context.command.params:
        source = context.get_parameter_source(str(each.name))
        if each.name in names and source not in _NOT_ASKED:
            yield max(each.opts, key=len)
