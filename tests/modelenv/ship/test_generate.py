"""A context replaces only one of ours, and is never written into or around a model."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.ship.errors import NoImageError
from modelenv.ship.generate import generate_dockerfile
from modelenv.ship.image import ImageOptions
from modelenv.ship.plan import check_options, platform_of

NO_SERVER = ImageOptions(server=False, wheelhouse=True)


def test_a_context_is_replaced_by_the_next(words: Path, tmp_path: Path) -> None:
    for _ in range(2):
        made = generate_dockerfile(words, tmp_path / "context", options=NO_SERVER)
        assert (made.path / "Dockerfile").is_file()
        (made.path / "model" / "old").write_text("")
    generate_dockerfile(words, tmp_path / "context", options=NO_SERVER)
    assert not (tmp_path / "context" / "model" / "old").exists()
    assert not [*tmp_path.glob(".context*")]


@pytest.mark.parametrize(
    "name", [".git/HEAD", "docker-compose.yml", ".env", "wheels.txt", "notes/a"]
)
def test_what_others_put_there_stays(words: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / "context"
    (place / name).parent.mkdir(parents=True)
    for each in ("Dockerfile", "settle.py", name):
        (place / each).write_text("theirs")
    with pytest.raises(NoImageError, match=name.partition("/")[0]):
        generate_dockerfile(words, place, options=NO_SERVER)
    assert (place / name).read_text() == "theirs"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
@pytest.mark.parametrize("target", ["nowhere", "empty", "context", "file"])
def test_a_link_is_no_place_for_one(words: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "context").mkdir()
    for name in ("Dockerfile", "settle.py"):
        (tmp_path / "context" / name).write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(NoImageError, match="link"):
        generate_dockerfile(words, tmp_path / "link", options=NO_SERVER)


@pytest.mark.parametrize("place", ["words/context", "words", "words/code/context", "around"])
def test_neither_lies_in_the_other(words: Path, tmp_path: Path, place: str) -> None:
    around = tmp_path / "around"
    model = around / "model" if place == "around" else tmp_path / "words"
    shutil.copytree(words, model)
    if place == "around":
        for name in ("Dockerfile", "settle.py"):
            (around / name).write_text("")
    told: list[str] = []
    with pytest.raises(NoImageError, match=r"lies in|something else"):
        generate_dockerfile(model, tmp_path / place, options=NO_SERVER, report=told.append)
    assert not told
    assert (model / "MLmodel").is_file()


@pytest.mark.parametrize(
    "options",
    [
        *(ImageOptions(base=each) for each in ("", "--", "Python:3.11", "a b")),
        *(ImageOptions(snapshot=each) for each in ("20261301T000000Z", "")),
        *(ImageOptions(platform=each) for each in ("linux/arm/v7", "windows/amd64", "linux")),
    ],
)
def test_what_no_builder_takes_is_said_before_any_work(
    words: Path, tmp_path: Path, options: ImageOptions
) -> None:
    told: list[str] = []
    with pytest.raises(WrongUseError, match=r"--(base|snapshot|platform)"):
        generate_dockerfile(words, tmp_path / "context", options=options, report=told.append)
    assert not told


@pytest.mark.parametrize("asked", ["linux/arm64", "linux/arm64/v8"])
def test_a_variant_that_says_nothing_more_is_the_platform_without(asked: str) -> None:
    assert platform_of(ImageOptions(platform=asked)) == "linux/arm64"
    check_options(ImageOptions(platform=asked))
