"""Each row of the table of options says what happens to one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelenv.edit.requirements import update_requirements
from modelenv.environments.interpreter import Python
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.lines import read_lines
from modelenv.pins.user_hashes import HashesMissingError
from modelenv.run.isolated import RunOptions, wanted_of
from resolver import Lines, Target, merge
from resolver.index.option_lines import apply_options
from resolver.index.pip_config import PipOptions
from resolver.requirements.hashes import all_hashes_asked
from resolver.requirements.per_name_options import FORMATS, RELEASES, ByName

from ..small_worlds import write_wheel
from .index_world import World

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


@pytest.fixture
def world(index_world: World) -> World:
    return index_world


@dataclass(frozen=True)
class Row:
    """What the page says of one line."""

    line: str
    heeded: bool
    written: bool
    built: bool
    told: bool


def rows() -> list[Row]:
    table = PAGE.read_text().partition("| line | resolving |")[2]
    found = []
    for text in table.splitlines()[2:]:
        if not text.startswith("|"):
            break
        first, *cells = (cell.strip() for cell in text.strip("|").split("|"))
        assert all(re.match(r"(yes|no)\b|$", cell) for cell in cells), text
        line = first.strip("`").replace("URL", "https://host/files")
        found.append(Row(line, *(cell.startswith("yes") for cell in cells)))
    return found


def is_heeded(lines: Lines) -> bool:
    """Return whether anything of some lines changes how a choice is made."""
    options, plain = lines.options, PipOptions()
    said = [ByName.of_options(options, each).of("other") for each in (FORMATS, RELEASES)]
    merged = merge([], pip_requirements=lines, target=Target.current())
    asked = all_hashes_asked(options) is not None or bool(merged.hashes)
    searched = apply_options(plain, options) != plain or any(
        o.name == "--no-index" for o in options
    )
    return asked or searched or any(said)


def contents(folder: Path) -> Any:
    python = Python.current()
    return ModelFolder.open(folder).wanted(python, python.installed()).contents


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.line)
def test_a_row_is_true(
    world: World, row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    line = row.line.replace("sha256:…", world.hash("own"))
    line = line.replace("file:///folder", (tmp_path / "folder").as_uri())
    option = next(word for word in line.split("=sha256")[0].split() if word.startswith("--"))
    assert is_heeded(read_lines([line], layer="x", environment={})) == row.heeded
    account = world.save(extra_pip_requirements=[line], prove=False)
    lines, told = world.text().splitlines(), " ".join(account.notes)
    text = "\n".join(re.sub(r"(^|\s)#.*", "", line) for line in lines)
    assert (option in text) == row.written
    assert (option in world.text("conda.yaml")) == row.written
    assert (option in told) == row.told
    found = contents(world.root / "out")
    behind = [each for entry in found.behind.values() for each in entry.options]
    by_hashes = option == "--require-hashes" and "--hash" in " ".join(behind)
    assert (any(option in each for each in (*found.options, *behind)) or by_hashes) == row.built


def test_the_table_names_what_a_file_may_hold() -> None:
    from envfiles.requirements.options import _LONG

    named = {word for row in rows() for word in row.line.split() if word.startswith("--")}
    named = {word.partition("=")[0] for word in named}
    read = {"--constraint", "--editable", "--requirement", "--pypi-url"}
    assert _LONG - named == read


def test_no_index_is_written_where_every_pin_is_found_without_one(
    world: World, tmp_path: Path
) -> None:
    links = tmp_path / "links"
    write_wheel(links, "third", "1.0")
    lines = ["--no-index", f"--find-links {links}", "third"]
    account = world.save(pip_requirements=lines, prove=False)
    assert account.environment.options == ("--no-index", "--find-links wheels")
    assert not any("--no-index" in note for note in account.notes)
    assert "--no-index" in contents(world.root / "out").options


def test_settings_are_not_written_where_a_wheel_is_known(world: World) -> None:
    lines = ["--require-hashes", "own==1.0 --config-settings a=1"]
    account = world.save(extra_pip_requirements=lines, prove=False)
    (told,) = (note for note in account.notes if "--config-settings" in note)
    assert told.startswith("own: its --config-settings are not written: a wheel")
    assert all(not entry.settings for entry in account.environment.requirements)


def test_a_wheel_that_may_not_be_taken_has_no_hash_to_ask_for(world: World) -> None:
    lines = ["--require-hashes", "--no-binary own"]
    with pytest.raises(HashesMissingError, match=r"own==1\.0: "):
        world.save(extra_pip_requirements=lines, prove=False)


@pytest.mark.parametrize(
    "change", [{"add": ["--pre", "own==1.0"]}, {"add": ["own --global-option x"]}]
)
def test_an_edit_tells_what_has_no_effect_and_what_is_not_written(
    world: World, change: dict[str, Any]
) -> None:
    world.save(prove=False)
    edited = update_requirements(world.root / "out", **change)
    option = (
        "--pre is not written" if "--pre" in change["add"] else "pip passes over --global-option"
    )
    assert any(option in note for note in edited.notes)


def test_a_run_tells_what_of_its_override_has_no_effect(world: World) -> None:
    world.save(prove=False)
    said: list[str] = []
    options = RunOptions(override=["own==1.0 --global-option x"], report=said.append)
    wanted_of(ModelFolder.open(world.root / "out"), options)
    assert said == ["override[0]: pip passes over --global-option"]
