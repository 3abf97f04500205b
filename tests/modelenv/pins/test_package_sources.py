"""One answer for every command to: which index, which options, which wheels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import read_folder
from modelenv import lock_model, update_requirements
from modelenv.environments.interpreter import Python
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.change.repin import repin
from modelenv.pins.package_sources import PackageSources
from modelenv.repair.diagnose import index_has
from modelenv.run.cross_check import ask_index, not_run
from modelenv.run.isolated import RunOptions, wanted_of

from ...small_worlds import PYTHON

pytest.importorskip("packaging.pylock")
pytest.importorskip("pip")

Model = Callable[..., Path]
PINS = {"alpha==1.0": "imported by the model"}


@pytest.fixture
def private(index: Any, wheels: Any) -> Any:
    """An index that pip is not configured with, and that has two versions of `alpha`."""
    for version in ("1.0", "1.1"):
        file = wheels.add("alpha", version)
        index.add(file)
        file.unlink()
    return index


def state(folder: Path, *options: str) -> Path:
    """Write option lines into a folder, as whoever saved it did."""
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text("".join(f"{each}\n" for each in options) + text)
    return folder


def carry(folder: Path, wheel: Path) -> None:
    (folder / "wheels").mkdir(exist_ok=True)
    wheel.rename(folder / "wheels" / wheel.name)


def repinned(folder: Path, *lines: str, environment: dict[str, str] | None = None) -> Any:
    model = ModelFolder.at(folder)
    installed = Python.current().installed()
    return repin(model.pins, list(lines), installed, model.sources(environment or {}))


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip have no index of its own, and take those that files name."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/none")
    monkeypatch.setenv("PIP_RETRIES", "0")


@pytest.fixture
def folder(model: Model, private: Any, configured: None) -> Path:
    """A folder that names the index which has its pin."""
    return state(model(PINS), f"--index-url {private.url}/simple")


def test_a_lock_for_another_target_asks_the_index_that_the_folder_names(
    folder: Path, private: Any
) -> None:
    locking = lock_model(folder, target="3.12-win_amd64")
    assert locking.lock is not None
    (file,) = locking.lock.by_name["alpha"].artifacts
    assert file.url == f"{private.url}/files/alpha-1.0-py3-none-any.whl"


def test_the_index_that_is_asked_about_pins_is_the_one_that_the_folder_names(
    folder: Path,
) -> None:
    assert ask_index(folder).good


def test_a_pin_that_its_index_withdrew_is_told_and_not_spoken_against(
    folder: Path, private: Any
) -> None:
    private.yanked["alpha-1.0-py3-none-any.whl"] = "loses rows"
    private.statuses["alpha"] = {"status": "archived", "reason": "take beta"}
    told = (
        'alpha 1.0 was withdrawn (yanked: "loses rows"): it is taken as a line pins it',
        f"{private.url}/simple/alpha/: the project is archived: no new release of it is to be"
        ' expected ("take beta")',
    )
    opinion = ask_index(folder)
    assert (opinion.good, opinion.remarks) == (True, told)
    assert str(opinion).splitlines()[1:] == [f"index: {each}" for each in told]
    assert opinion.to_json()["remarks"] == list(told)
    for again in (lock_model(folder), lock_model(folder, target="3.12-win_amd64")):
        assert again.lock is not None
        assert [each for each in again.notes if "alpha" in each] == list(told)


def test_a_pin_whose_project_is_in_quarantine_is_not_to_be_had(folder: Path, private: Any) -> None:
    private.statuses["alpha"] = {"status": "quarantined", "reason": "it steals"}
    opinion = ask_index(folder)
    (said,) = opinion.against
    assert 'the project is in quarantine there, as harmful: none of its files is taken ("it' in said
    verdict = not_run(opinion)
    assert verdict is not None
    assert "alpha==1.0 is in quarantine on the index, as harmful: nothing was" in str(verdict)
    locking = lock_model(folder)
    assert locking.lock is None
    assert locking.missing == (said,)


def test_a_guess_about_a_missing_module_is_asked_of_the_index_that_the_folder_names(
    folder: Path,
) -> None:
    places = PackageSources.of(folder, read_folder(folder), {})
    assert index_has("alpha", places)
    assert index_has("alpha") is None


def test_a_change_for_one_run_asks_the_index_that_the_folder_names(folder: Path) -> None:
    assert repinned(folder, "alpha>1").lines == ("alpha==1.1",)


def test_a_folder_of_wheels_is_found_beside_the_file_that_names_it(
    model: Model, wheels: Any
) -> None:
    folder = state(model(PINS), "--find-links vendor")
    (folder / "vendor").mkdir()
    for version in ("1.0", "1.1"):
        wheel = wheels.add("alpha", version)
        wheel.rename(folder / "vendor" / wheel.name)
    assert repinned(folder, "alpha>1").lines == ("alpha==1.1",)
    assert ask_index(folder).good
    assert lock_model(folder).lock is not None


@pytest.mark.parametrize("as_url", [False, True])
def test_what_only_a_folder_of_this_machine_has_travels(
    model: Model, wheels: Any, as_url: bool
) -> None:
    folder = model(PINS)
    wheels.add("alpha", "1.0")
    wheels.add("gamma", "1.0")
    mine = wheels.beside("mine")
    mine.add("beta", "1.0", "gamma")
    named = f"{mine.folder.as_uri()}/" if as_url else mine.folder
    update_requirements(folder, add=[f"--find-links {named}", "beta"])
    assert [each.name for each in (folder / "wheels").iterdir()] == ["beta-1.0-py3-none-any.whl"]
    spec = read_folder(folder)
    assert spec.options == ("--find-links wheels",)
    assert [each.requirement for each in spec.requirements] == [
        "alpha==1.0",
        "beta==1.0",
        "gamma==1.0",
    ]


def test_pre_releases_are_taken_where_the_folder_says_so(model: Model, wheels: Any) -> None:
    wheels.add("alpha", "1.0")
    wheels.add("beta", "1.0")
    wheels.add("beta", "2.0rc1")
    assert repinned(model(PINS, name="one"), "beta").lines[1] == "beta==1.0"
    assert repinned(state(model(PINS), "--pre"), "beta").lines[1] == "beta==2.0rc1"


def test_what_travels_is_found_by_a_change_for_one_run(model: Model, wheels: Any) -> None:
    folder = model({**PINS, "own==1.0": "imported by the model"})
    wheels.add("alpha", "1.0")
    wheels.add("beta", "1.0", "own")
    carry(folder, wheels.add("own", "1.0"))
    assert repinned(folder, "beta").lines == ("alpha==1.0", "beta==1.0", "own==1.0")


def test_what_travels_is_found_for_another_target(model: Model, wheels: Any) -> None:
    folder = model({**PINS, "own==1.0": "imported by the model"})
    wheels.add("alpha", "1.0")
    carry(folder, wheels.add("own", "1.0"))
    locking = lock_model(folder, target="3.12-win_amd64")
    assert locking.lock is not None
    assert locking.lock.by_name["own"].artifacts[0].path == "wheels/own-1.0-py3-none-any.whl"


def test_a_variable_in_an_option_is_looked_up(model: Model, private: Any, configured: None) -> None:
    folder = state(model(PINS), "--index-url ${OUR_INDEX}/simple")
    found = repinned(folder, "alpha>1", environment={"OUR_INDEX": private.url})
    assert found.lines == ("alpha==1.1",)


class TestOrder:
    def test_the_index_that_is_asked_for_last_is_the_one_that_counts(
        self, folder: Path, private: Any
    ) -> None:
        update_requirements(folder, add=["--index-url https://other/simple", "alpha==1.0"])
        assert read_folder(folder).options == (
            f"--index-url {private.url}/simple",
            "--index-url https://other/simple",
        )

    @pytest.fixture(autouse=True)
    def alpha(self, installed_site: Callable[..., None]) -> None:
        installed_site("alpha", "1.0")

    def test_one_that_stood_first_counts_when_it_is_asked_for_again(self, model: Model) -> None:
        folder = state(
            model(PINS), "# ours", "--index-url https://a/simple", "--index-url https://b/simple"
        )
        update_requirements(folder, add=["--index-url https://a/simple", "alpha"])
        for name in ("requirements.txt", "conda.yaml"):
            text = (folder / name).read_text()
            assert text.index("https://b/simple") < text.index("https://a/simple")
        assert (folder / "requirements.txt").read_text().startswith("# ours\n")

    def test_extra_indexes_are_asked_in_the_order_in_which_they_were_named(
        self, model: Model
    ) -> None:
        folder = state(model(PINS), "--extra-index-url https://a/simple")
        more = ["--extra-index-url https://b/simple", "--extra-index-url https://a/simple", "alpha"]
        update_requirements(folder, add=more)
        assert read_folder(folder).options == (
            "--extra-index-url https://a/simple",
            "--extra-index-url https://b/simple",
        )


class TestOverridesOfARun:
    """The options among them reach whoever builds the environment of that run."""

    @pytest.fixture
    def opened(self, folder: Path) -> ModelFolder:
        from modelenv.folder.mlmodel import MLmodel

        nothing = {"type": "none"}
        mlmodel = MLmodel(
            python=PYTHON, version="1", input=nothing, prediction=nothing, deterministic=True,
            proof={"status": "unproven"}, left_out={}, sealed={}, metadata={}, uuid="", created="",
        )  # fmt: skip
        (folder / "MLmodel").write_text(mlmodel.to_yaml(), "utf-8")
        return ModelFolder.open(folder)

    def test_they_come_after_those_of_the_folder(
        self, opened: ModelFolder, private: Any, tmp_path: Path
    ) -> None:
        how = RunOptions(override=[f"--extra-index-url {private.url}/more", "--pre", "alpha>1"])
        wanted = wanted_of(opened, how)
        assert wanted.contents.requirements == ("alpha==1.1",)
        assert wanted.contents.options == (
            f"--index-url {private.url}/simple",
            f"--extra-index-url {private.url}/more",
            "--pre",
        )

    def test_a_folder_of_wheels_is_named_so_that_any_builder_finds_it(
        self, opened: ModelFolder, wheels: Any
    ) -> None:
        wheels.add("beta", "1.0")
        wanted = wanted_of(opened, RunOptions(override=[f"-f {wheels.folder}", "beta"]))
        assert wanted.contents.options[-1] == f"--find-links {wheels.folder.as_uri()}"

    def test_a_login_stays_the_name_of_its_variable(
        self, opened: ModelFolder, private: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OUR_TOKEN", "s3cr3t")
        line = f"--extra-index-url {private.url}/simple/${{OUR_TOKEN}}"
        wanted = wanted_of(opened, RunOptions(override=[line, "alpha>1"]))
        assert wanted.contents.options[-1] == line
