"""A save, a prediction and a proof find what is not installed where one call says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import modelenv
from envfiles import read_folder
from modelenv import Indexes
from modelenv.cli.run.predict import predict
from resolver import ConflictError, UnbuiltError

from ..small_worlds import write_source, write_wheel


def test_a_save_finds_a_line_there_and_writes_where(
    index_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{index_world.index.url}/simple"
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "none").as_uri())
    index_world.publish("extra")
    with pytest.raises(ConflictError):
        index_world.save(extra_pip_requirements=["extra"], prove=False)
    said = Indexes(extra_index_urls=[url])
    index_world.save(extra_pip_requirements=["extra"], prove=False, indexes=said)
    assert "extra" in index_world.hashes()
    assert read_folder(tmp_path / "out").options == (f"--extra-index-url {url}",)


def test_a_save_builds_what_has_to_be_built_and_it_travels(
    index_world: Any, tmp_path: Path
) -> None:
    pytest.importorskip("build")
    index_world.index.add(write_source(tmp_path / "made", "extra", "1.0", ["other"]))
    with pytest.raises(UnbuiltError):
        index_world.save(extra_pip_requirements=["extra"], prove=False)
    told: list[str] = []
    account = index_world.save(
        extra_pip_requirements=["extra"],
        prove=False,
        indexes=Indexes(build=True),
        report=told.append,
    )
    assert "build extra 1.0" in told
    assert (tmp_path / "out/wheels/extra-1.0-py3-none-any.whl").is_file()
    assert any("extra 1.0 was built here" in note for note in account.notes)


def test_an_override_is_found_for_one_prediction(
    index_world: Any, tmp_path: Path, uv: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_world.save()
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "none").as_uri())
    links = tmp_path / "links"
    write_wheel(links, "other", "2.0")
    write_wheel(links, "own", "1.0", ["other"])
    command = ["-m", str(tmp_path / "out"), "--pip-requirements-override", "other>=2"]
    assert CliRunner().invoke(predict, command).exit_code != 0
    done = CliRunner().invoke(predict, [*command, "--find-links", str(links)])
    assert done.exit_code == 0, (done.output, done.exception)
    assert json.loads(done.stdout) == {"predictions": 1}
    assert modelenv.verify(tmp_path / "out").good


def test_without_an_index_the_folders_alone_are_searched(
    index_world: Any, tmp_path: Path, uv: str
) -> None:
    index_world.save()
    links = tmp_path / "links"
    write_wheel(links, "other", "2.0")
    write_wheel(links, "own", "1.0", ["other"])
    index_world.publish("other", "3.0")
    index_world.index.asked.clear()
    command = ["-m", str(tmp_path / "out"), "--pip-requirements-override", "other>=2"]
    done = CliRunner().invoke(predict, [*command, "--no-index", "--find-links", str(links)])
    assert done.exit_code == 0, (done.output, done.exception)
    assert index_world.index.asked == []
