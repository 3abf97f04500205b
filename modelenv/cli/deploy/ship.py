"""``modelenv generate-dockerfile`` and ``build-docker``: images of saved models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..options import (
    PATH,
    allow_host_option,
    allow_path_option,
    index_options,
    json_option,
    model_option,
    report,
)
from ..shared.bundles import bundle
from ..shared.progress import Progress, progress_option
from ..shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

    from ...base.indexes import Indexes
    from ...ship.engines.choose import EngineName
    from ...ship.image import ImageOptions, Installer


def _build_args(_: object, __: object, words: tuple[str, ...]) -> dict[str, str]:
    """Return the build arguments; one without a value takes it from the environment."""
    from ...base.settings import Settings

    environment = Settings.from_environment().environment
    found = {}
    for word in words:
        name, given, value = word.partition("=")
        if not given and name not in environment:
            raise wrong_use(f"--build-arg {name}: write {name}=VALUE, or set the variable")
        found[name] = value if given else environment[name]
    return found


def _image(
    *,
    base: str | None,
    platform: str | None,
    server: bool,
    installer: Installer,
    wheelhouse: bool,
    snapshot: str | None,
    system_packages: tuple[str, ...],
    build_args: dict[str, str],
) -> ImageOptions:
    """Return the options of an image, except the indexes."""
    from ...ship.image import ImageOptions

    return ImageOptions(
        base=base,
        platform=platform,
        server=server,
        installer=installer,
        wheelhouse=wheelhouse,
        snapshot=snapshot,
        system_packages=system_packages,
        build_args=build_args,
    )


platform_option = click.option(
    "--platform",
    metavar="OS/ARCH",
    help="As linux/arm64.  [default: this machine's architecture]",
)
server_option = click.option(
    "--server/--no-server", default=True, help="Whether it serves.  [default: server]"
)
system_package_option = click.option(
    "--system-package",
    "system_packages",
    multiple=True,
    metavar="NAME",
    help="A further Debian package, as NAME or NAME=VERSION; may be repeated.",
)

image_options = bundle(
    "image",
    _image,
    click.option(
        "--base",
        metavar="IMAGE",
        help="The base image.  [default: the slim image of the model's Python]",
    ),
    platform_option,
    server_option,
    click.option(
        "--installer",
        type=click.Choice(["pip", "uv"]),
        default="pip",
        show_default=True,
        help="The installer of the locks.",
    ),
    click.option(
        "--wheelhouse", is_flag=True, help="Every wheel travels in the context; no index is asked."
    ),
    click.option(
        "--snapshot",
        metavar="TIME",
        help="Take Debian's packages as they were then: 20261101T000000Z.",
    ),
    system_package_option,
    click.option(
        "--build-arg",
        "build_args",
        multiple=True,
        callback=_build_args,
        metavar="NAME[=VALUE]",
        help="A variable for the installation, which the image does not keep; may be repeated.",
    ),
)
"""The options for making an image, as an `ImageOptions`."""


@click.command("generate-dockerfile")
@model_option
@click.option(
    "-o", "--output", type=PATH, required=True, metavar="FOLDER", help="The context to write."
)
@image_options
@index_options
@progress_option
@json_option
def generate_dockerfile(
    model: Path, output: Path, image: ImageOptions, indexes: Indexes, *, as_json: bool
) -> None:
    """Write a folder from which any builder makes an image: docker, podman, buildah, kaniko.

    It contains the Dockerfile, the model, the locks of the two environments, and wheels that no
    index has. The value of --build-arg is not written: the builder passes it.

    \b
    Examples:
      modelenv generate-dockerfile -m churn_model -o context
      docker build -t churn:1 context
      modelenv generate-dockerfile -m churn_model -o context --wheelhouse --no-server
    """
    from dataclasses import replace

    from ...ship.generate import generate_dockerfile as generate

    with Progress.of_command() as tell:
        written = generate(model, output, options=replace(image, indexes=indexes), report=tell)
    report(written, as_json=as_json)


@click.command("build-docker")
@model_option
@click.option(
    "-n", "--name", required=True, metavar="NAME[:TAG]", help="How the image is to be called."
)
@click.option(
    "--engine",
    type=click.Choice(["docker", "podman", "buildah"]),
    help="The builder.  [default: the first of these that is installed and works]",
)
@click.option(
    "--build-option",
    "build_options",
    multiple=True,
    metavar="WORD",
    help="Given to the builder as it is: --build-option=--network=host; may be repeated.",
)
@click.option(
    "--verify/--no-verify",
    default=True,
    help="Predict in the image before it gets its name.  [default: verify]",
)
@allow_host_option
@allow_path_option
@image_options
@index_options
@progress_option
@json_option
def build_docker(
    model: Path,
    name: str,
    engine: EngineName | None,
    build_options: tuple[str, ...],
    allow_hosts: tuple[str, ...],
    allow_paths: tuple[Path, ...],
    image: ImageOptions,
    indexes: Indexes,
    *,
    verify: bool,
    as_json: bool,
) -> None:
    """Build an image that serves a model, and predict in it before it gets its name.

    The exit code is 1 if the image does not give the recorded prediction: it is then removed.

    \b
    Examples:
      modelenv build-docker -m churn_model -n churn:1
      modelenv build-docker -m churn_model -n churn:1 --engine buildah --no-server
      docker run --rm --read-only --tmpfs /tmp -p 8080:8080 churn:1
    """
    from dataclasses import replace

    from ...ship.build import build_docker as build

    with Progress.of_command() as tell:
        built = build(
            model,
            name,
            options=replace(image, indexes=indexes),
            engine=engine,
            build_options=build_options,
            verify=verify,
            allow_hosts=allow_hosts,
            allow_paths=allow_paths,
            report=tell,
        )
    report(built, as_json=as_json)
