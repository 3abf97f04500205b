from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from benchmarks.accuracy.authors.case import find_cases
from benchmarks.accuracy.authors.pins import read_pins
from benchmarks.accuracy.authors.schema import read_toml
from benchmarks.accuracy.authors.source import Source
from benchmarks.accuracy.command import QUICK, main
from benchmarks.accuracy.judging.fresh import restore
from benchmarks.accuracy.running.closure import read_installed
from benchmarks.accuracy.running.environments import Builder, BuildError, Environment
from benchmarks.accuracy.tools import TOOLS, UnknownToolError, find_tools
from benchmarks.accuracy.tools.local_index import serve
from benchmarks.accuracy.tools.mlflow import take_out
from benchmarks.accuracy.tools.modelenv import checkout_copy
from benchmarks.accuracy.tools.once import capture_once
from benchmarks.accuracy.tools.tool import TOOL_PINS, Captured, CaptureError, Spent


def install(site: Path, name: str, *requires: str) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")


LOCK = """# Original requirements
# mlflow==3
# alpha==1
# cloudpickle==3
#
# Locked requirements
alpha==1
beta==1 ; python_version < '4'
cloudpickle==3
flask==3
mlflow==3
"""


def test_mlflow_is_taken_out_of_its_list() -> None:
    kept = take_out("mlflow==3\nalpha==1\ncloudpickle==3", ["cloudpickle"], {}, {})
    assert kept == "alpha==1\n"


def test_what_only_mlflow_brought_into_a_lock_is_taken_out_with_it(tmp_path: Path) -> None:
    install(tmp_path, "alpha", "beta>=1")
    install(tmp_path, "beta")
    install(tmp_path, "mlflow", "flask", "beta")
    install(tmp_path, "flask")
    kept = take_out(LOCK, ["cloudpickle"], read_installed(tmp_path), {})
    assert kept.splitlines() == ["alpha==1", "beta==1 ; python_version < '4'"]


def test_a_root_that_mlflow_names_otherwise_than_it_is_installed_stays(tmp_path: Path) -> None:
    """As it says xgboost where xgboost-cpu is installed."""
    install(tmp_path, "mlflow", "flask")
    install(tmp_path, "flask")
    kept = take_out(LOCK, ["cloudpickle"], read_installed(tmp_path), {})
    assert kept.splitlines() == ["alpha==1"]


def test_cloudpickle_stays_where_the_model_needs_it() -> None:
    assert "cloudpickle==3" in take_out("mlflow==3\ncloudpickle==3", [], {}, {})


def test_the_local_index_knows_one_version_of_each_name() -> None:
    pins = {canonicalize_name("scikit-learn"): Version("1.6.1")}
    with serve(pins) as address:
        with urllib.request.urlopen(f"{address}scikit_learn/json") as answer:
            assert json.load(answer)["info"]["version"] == "1.6.1"
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(f"{address}mine/json")
        refused.value.close()


def test_the_peers_are_pinned_and_agree_with_the_source_environments() -> None:
    theirs = read_pins(TOOL_PINS)
    assert {"mlflow", "pipreqs", "pigar"} <= theirs.keys()
    for file in {case.pins for case in find_cases()}:
        ours = read_pins(file)
        both = ours.keys() & theirs.keys()
        assert {name: ours[name] for name in both} == {name: theirs[name] for name in both}


def test_tools_come_in_the_order_of_the_tables() -> None:
    assert [tool.name for tool in find_tools(["freeze", "modelenv"])] == ["modelenv", "freeze"]
    assert [tool.name for tool in find_tools()] == list(TOOLS)
    with pytest.raises(UnknownToolError, match="no such tool: pipdeps"):
        find_tools(["pipdeps"])


def test_each_tool_has_a_key_of_its_own_and_keeps_it() -> None:
    capturing = [tool for tool in TOOLS.values() if not tool.name.endswith("-out")]
    assert len({tool.key for tool in capturing}) == len(capturing)
    assert [tool.key for tool in capturing] == [tool.key for tool in capturing]


def test_the_quick_cases_exist() -> None:
    assert {case.name for case in find_cases(QUICK)} == set(QUICK)
    assert len(QUICK) == 6


def test_a_file_without_a_place_for_the_tables_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--table", str(tmp_path / "README.md"), "--uv", "uv"]) == 2
    assert "have to stand there" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--tools", "pipdeps"], ["--cases", "nothing"]])
def test_an_unknown_name_is_wrong_use(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*wrong, "--uv", "uv"]) == 2
    assert "there are" in capsys.readouterr().err


@dataclass
class FakeTool:
    """Writes a requirements file, or fails, and counts how often it was asked."""

    key: str = "1.0"
    fails: bool = False
    uninstallable: bool = False
    asked: list[Path] = field(default_factory=list)
    name: str = "fake"
    title: str = "Fake"

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        self.asked.append(folder)
        if self.uninstallable:
            raise BuildError(["uv", "build"], "the index does not answer")
        if self.fails:
            raise CaptureError(self.name, "it does not like the model")
        (folder / "requirements.txt").write_text("numpy==2.2.3\n", "utf-8")
        return Captured(spent=Spent(2.0, 1.0), notes=("a note",))


@pytest.fixture
def world(tmp_path: Path) -> tuple[Source, Builder]:
    """A case that was prepared, with this interpreter as its environment."""
    (case,) = find_cases(["relative_package"])
    folder = tmp_path / "cases" / "relative_package-0"
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    folder.mkdir(parents=True)
    environment = Environment(python.parent.parent)
    nothing: dict[Any, Path] = {}
    source = Source(
        case=case,
        folder=folder,
        environment=environment,
        requirements=(),
        options=(),
        wheels=nothing,
    )
    return source, Builder(uv="uv", python=sys.executable, cache=tmp_path)


def test_what_was_captured_is_not_captured_again(world: tuple[Source, Builder]) -> None:
    tool = FakeTool()
    first, folder = capture_once(tool, *world)
    second, same_folder = capture_once(tool, *world)
    assert (first, folder) == (second, same_folder)
    assert len(tool.asked) == 1
    assert first.floor is not None
    assert (folder / "requirements.txt").read_text("utf-8") == "numpy==2.2.3\n"


def test_a_tool_that_could_not_be_installed_is_asked_again(world: tuple[Source, Builder]) -> None:
    tool = FakeTool(uninstallable=True)
    captured, _ = capture_once(tool, *world)
    assert captured.failed == "uv build\nthe index does not answer"
    tool.uninstallable = False
    captured, _ = capture_once(tool, *world)
    assert captured.failed is None
    assert len(tool.asked) == 2


def test_another_version_of_a_tool_captures_again(world: tuple[Source, Builder]) -> None:
    old, new = FakeTool("1.0"), FakeTool("2.0")
    _, folder = capture_once(old, *world)
    _, other_folder = capture_once(new, *world)
    assert folder != other_folder
    assert len(new.asked) == 1


def test_a_tool_that_fails_is_a_result(world: tuple[Source, Builder]) -> None:
    captured, _ = capture_once(FakeTool(fails=True), *world)
    assert captured.failed == "fake: it does not like the model"
    assert captured.spent is None


def test_hidden_wheels_come_back_beside_new_ones(tmp_path: Path) -> None:
    builder = Builder(uv="uv", python=sys.executable, cache=tmp_path)
    (tmp_path / "hidden-wheels" / "old").mkdir(parents=True)
    (tmp_path / "wheels" / "new").mkdir(parents=True)
    restore(builder)
    restore(builder)
    assert sorted(folder.name for folder in builder.wheel_folder.iterdir()) == ["new", "old"]
    assert not (tmp_path / "hidden-wheels").exists()


def test_the_checkout_that_is_captured_with_can_be_built() -> None:
    snapshot = checkout_copy()
    build = read_toml(snapshot / "pyproject.toml")["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert build["force-include"]
    for name in (*build["force-include"], *build["packages"], "README.md", "LICENSE"):
        assert (snapshot / name).exists(), name
