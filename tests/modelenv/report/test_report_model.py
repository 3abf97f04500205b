"""A report says what a model needs and why, as values."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.base.siblings import resolver
from modelenv.cli import main
from modelenv.report.import_tree import ImportTree
from modelenv.report.model_report import ModelReport
from modelenv.report.needs import NeedsGraph

from ..conftest import Site

pytest.importorskip("jinja2")


@pytest.fixture(scope="module")
def report(folder: Path) -> ModelReport:
    return modelenv.report_model(folder)


def labels(needs: NeedsGraph, parent: str, child: str) -> list[str]:
    found = [each for each in needs.needs if (each.parent, each.child) == (parent, child)]
    return [reason.label for each in found for reason in each.reasons]


def test_the_graph_leads_from_the_model_through_its_code_to_what_that_needs(
    report: ModelReport,
) -> None:
    kinds = {each.name: each.kind for each in report.needs.nodes}
    assert kinds == {
        "the model": "model",
        "own_model.py": "code",
        "own_words.py": "code",
        "own-base": "distribution",
        "own-tools": "distribution",
        "own-extra": "left out",
    }
    assert labels(report.needs, "the model", "own_model.py") == ["its pickle names own_model"]
    (asked,) = labels(report.needs, "own_model.py", "own_words.py")
    assert asked == "own_model.py:2 imports own_words"
    assert labels(report.needs, "own_words.py", "own-tools")[0] == (
        "own_words.py:1 imports own_tools"
    )
    assert labels(report.needs, "own-tools", "own-base") == [
        "own_tools.py:2 imports own_base",
        "requires own-base>=1",
    ]
    assert labels(report.needs, "own-tools", "own-extra") == ["own_tools.py:4 imports own_extra"]
    assert not labels(report.needs, "the model", "own-tools")


def test_each_pin_has_its_version_here_and_what_its_imports_took(report: ModelReport) -> None:
    base, tools = report.distributions
    assert (base.name, base.version, base.here) == ("own-base", "1.2.3", "1.2.3")
    assert base.newest is None
    assert base.steps == ""
    assert "own-tools" in base.because
    assert tools.modules == 1
    assert report.imports.by_owner()["own-tools"][0] == tools.seconds
    assert report.left_out[0].name == "own-extra"


def test_the_tree_of_imports_has_each_module_once_behind_its_parent(report: ModelReport) -> None:
    modules = report.imports.modules
    place = {each.name: number for number, each in enumerate(modules)}
    assert len(place) == len(modules)
    assert all(each.parent < number for number, each in enumerate(modules))
    assert modules[place["own_tools"]].parent == place["own_words"]
    assert modules[place["own_words"]].owner == "the model"
    assert report.imports.seconds == pytest.approx(sum(s for s, _ in by_owner(report.imports)))


def by_owner(tree: ImportTree) -> list[tuple[float, int]]:
    return list(tree.by_owner().values())


def test_all_of_it_is_json(report: ModelReport) -> None:
    said = json.loads(json.dumps(report.to_json()))
    assert said["schema"] == 1
    assert {each["name"] for each in said["needs"]["nodes"]} >= {"own-tools", "own-base"}
    assert said["difference"]["changed"] == []
    assert str(report).startswith(f"{report.path}: 2 distributions, ")


def test_what_is_installed_elsewhere_is_what_it_is_compared_with(folder: Path) -> None:
    nothing = resolver.Installed((), resolver.Target.current())
    found = modelenv.report_model(folder, installed=nothing)
    assert [each.here for each in found.distributions] == ["", ""]
    assert found.installed_bytes == 0
    # The comments of the pins still tell who needs whom.
    assert labels(found.needs, "own-tools", "own-base")[-1] == "requires own-base"


def mlflow_folder(place: Path, requirements: str) -> Path:
    place.mkdir()
    function = {"loader_module": "mlflow.sklearn", "python_version": "3.11.7", "env": "conda.yaml"}
    (place / "MLmodel").write_text(yaml.safe_dump({"flavors": {"python_function": function}}))
    (place / "requirements.txt").write_text(requirements)
    (place / "python_env.yaml").write_text("python: 3.11.7\ndependencies: [-r requirements.txt]\n")
    conda = {"dependencies": ["python=3.11.7", "pip", {"pip": requirements.split()}]}
    (place / "conda.yaml").write_text(yaml.safe_dump(conda))
    return place


def test_without_a_trace_requirements_and_metadata_tell(tmp_path: Path, site: Site) -> None:
    site.install("own-tools", requires=["own-base>=1"])
    site.install("own-base", version="2.0")
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    place = mlflow_folder(tmp_path / "model", "own-tools==1.0\n")
    found = modelenv.report_model(place, tmp_path / "page.html", installed=installed)
    kinds = {each.name: each.kind for each in found.needs.nodes}
    assert kinds == {"the model": "model", "own-tools": "distribution", "own-base": "unlisted"}
    assert labels(found.needs, "own-tools", "own-base") == ["requires own-base>=1"]
    assert not found.imports.modules
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "MLflow wrote the folder" in text
    assert "Not traced" in text
    assert "Importing, ms" not in text


def test_a_folder_whose_environment_cannot_be_read_has_a_page_that_says_so(
    folder: Path, tmp_path: Path
) -> None:
    broken = Path(shutil.copytree(folder, tmp_path / "broken"))
    (broken / "requirements.txt").write_text("own-base ==== 1\n")
    (broken / "conda.yaml").write_text("{")
    found = modelenv.report_model(broken, tmp_path / "page.html")
    assert found.difference is None
    assert not found.distributions
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "Cannot be read" in text
    assert "conda.yaml" in text


def test_a_model_for_another_language_has_a_page(tmp_path: Path) -> None:
    place = tmp_path / "model"
    place.mkdir()
    (place / "MLmodel").write_text("flavors: {crate: {version: 0.1}}\n")
    modelenv.report_model(place, tmp_path / "page.html")
    assert "Not for Python" in (tmp_path / "page.html").read_text("utf-8")


def test_the_newest_version_is_asked_for_when_that_is_wanted(
    folder: Path, tmp_path: Path, wheel: Any
) -> None:
    for version in ("1.2.3", "1.2.4", "1.4.0", "2.0rc1"):
        wheel("own-base", version)
    indexes = modelenv.Indexes(find_links=[str(tmp_path / "wheels")], no_index=True)
    found = modelenv.report_model(folder, tmp_path / "page.html", index=True, indexes=indexes)
    base, tools = found.distributions
    assert (base.newest, base.steps) == ("1.4.0", "minor")
    assert (tools.newest, tools.steps) == ("", "")
    assert "behind the newest version: 1 distribution" in str(found)
    assert "1.4.0" in (tmp_path / "page.html").read_text("utf-8")


@pytest.fixture
def wheel(tmp_path: Path) -> Any:
    """Write wheels with nothing in them into a folder."""
    import zipfile

    folder = tmp_path / "wheels"
    folder.mkdir()

    def write(name: str, version: str) -> None:
        stem = f"{name.replace('-', '_')}-{version}"
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as file:
            head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            file.writestr(f"{stem}.dist-info/METADATA", head)
            file.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            file.writestr(f"{stem}.dist-info/RECORD", "")

    return write


def test_the_command_writes_it_in_place_of_what_was_there(
    folder: Path, tmp_path: Path, capsys: Any
) -> None:
    page = tmp_path / "report.html"
    page.write_text("an older one")
    main(["report", "-m", str(folder), "-o", str(page)])
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith(f"{page}: ")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    main(["report", "-m", str(folder), "-o", str(page), "--json"])
    assert json.loads(capsys.readouterr().out)["schema"] == 1


@pytest.mark.parametrize("place", ["", "absent/report.html"])
def test_a_place_that_cannot_be_written_to_is_told_of(
    folder: Path, tmp_path: Path, capsys: Any, place: str
) -> None:
    with pytest.raises(modelenv.ModelenvError, match="folder"):
        modelenv.report_model(folder, tmp_path / place)
    with pytest.raises(SystemExit) as ended:
        main(["report", "-m", str(folder), "-o", str(tmp_path / place)])
    assert ended.value.code == 2
