"""The page on images tells all that there is."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from modelenv.cli.deploy.export import export
from modelenv.cli.deploy.ship import build_docker, generate_dockerfile
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.image import MODEL, MODEL_ENVIRONMENT, PORT, SERVER_ENVIRONMENT, USER

from .worlds import plan

PAGE = (Path(__file__).parents[3] / "docs" / "images.md").read_text("utf-8")
OF_ALL = {"--model", "--index-url", "--extra-index-url", "--find-links", "--no-index"}
OF_ALL |= {"--target", "--python"}  # of an environment, which another page is about
OF_ALL |= {"--build", "--allow-variable", "--progress", "--json", "--server", "--verify", "--quiet"}
OF_ALL |= {"--verbose", "--index-strategy"}


@pytest.mark.parametrize("command", [build_docker, generate_dockerfile, export])
def test_every_option_stands_in_the_table(command: click.Command) -> None:
    told = set(re.findall(r"`(--[\w-]+)", PAGE))
    options = {word for each in command.params for word in each.opts if word.startswith("--")}
    assert options - OF_ALL <= told


def test_every_label_stands_in_the_table(words: Path, tmp_path: Path) -> None:
    labels = plan(ModelFolder.open(words), tmp_path / "wheelhouse").labels
    told = set(re.findall(r"`((?:org\.opencontainers\.image|modelenv)?\.[\w.]+)`", PAGE))
    spelled = {each if each[0] != "." else f"org.opencontainers.image{each}" for each in told}
    assert {*labels} <= spelled


@pytest.mark.parametrize(
    "named", [MODEL, MODEL_ENVIRONMENT, SERVER_ENVIRONMENT, str(PORT), str(USER)]
)
def test_where_things_stand_is_told(named: str) -> None:
    assert named in PAGE
