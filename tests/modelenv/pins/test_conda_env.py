"""A conda environment of the user's is kept as it is, and its parts count where pip has them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from envfiles import check_agreement
from envfiles.errors import InvalidFile
from modelenv.base.errors import WrongUseError
from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.conda_env import CondaEnv
from modelenv.worker.errors import NotProvenError
from resolver import ConflictError
from resolver.errors import TooManyInputsError

HERE = ".".join(map(str, sys.version_info[:2]))
FULL = ".".join(map(str, sys.version_info[:3]))
MODEL = "import lib_top; return lib_top.double(data)"
CONDA = f"""\
# made by hand
name: mine
channels:
- conda-forge
- nodefaults
dependencies:
- python={HERE}
- lib_base=1.0
- libgomp   # no distribution
- pip
- pip:
  - lib-top
"""


@pytest.fixture
def libraries(own_site: Any) -> Any:
    own_site.install("lib-base", {"lib_base.py": "TWO = 2"})
    top = "import lib_base\ndef double(data):\n    return [each * lib_base.TWO for each in data]\n"
    own_site.install("lib-top", {"lib_top.py": top}, requires=["lib-base"])
    own_site.install("lib-idle", {"lib_idle.py": ""})
    return own_site


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    file = tmp_path / "conda.yaml"
    file.write_text(CONDA)
    return file


def save(project: Any, target: Path, **options: Any) -> Any:
    return modelenv.save_model(project.model(MODEL), target, input_example=[1, 2], **options)


def lines(file: Path) -> list[str]:
    return [line.partition("  #")[0] for line in file.read_text().splitlines() if line[0] != "#"]


def test_the_conda_file_is_kept_to_the_letter(libraries, project, target, conda) -> None:
    save(project, target, conda_env=conda)
    assert (target / "conda.yaml").read_text() == CONDA


def test_a_mapping_is_kept_too(libraries, project, target: Path) -> None:
    given = {"dependencies": ["lib-base", {"pip": ["lib-top"]}], "variables": {"A": "1"}}
    save(project, target, conda_env=given)
    assert yaml.safe_load((target / "conda.yaml").read_text()) == given


def test_the_pip_section_acts_as_the_users_list(libraries, project, target: Path) -> None:
    given = {"dependencies": [{"pip": ["lib-top", "lib-idle"]}]}
    account = save(project, target, conda_env=given)
    assert account.pins == ("lib-base==1.0", "lib-idle==1.0", "lib-top==1.0")


def test_what_conda_installs_is_not_repeated_under_pip(libraries, project, target, conda) -> None:
    account = save(project, target, conda_env=conda)
    assert account.pins == ("lib-top==1.0",)
    assert lines(target / "requirements.txt") == ["lib-top==1.0"]
    for name in ("requirements.txt", "python_env.yaml"):
        assert "Only conda.yaml holds: lib_base=1.0, libgomp" in (target / name).read_text()
    assert account.unreached == ()


def test_what_conda_installs_stands_in_at_the_proof_and_ever_after(
    libraries, project, target: Path, conda: Path
) -> None:
    account = save(project, target, conda_env=conda)
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    assert account.provided == ("lib-base==1.0",)
    assert any("lib-base==1.0" in note for note in account.notes)
    assert ModelFolder.open(target).mlmodel.provided == ("lib-base==1.0",)
    assert modelenv.verify(target).status == "reproduces"
    assert modelenv.predict(target, [5]) == [10]


def test_its_python_is_the_one_in_every_file(libraries, project, target, conda) -> None:
    account = save(project, target, conda_env=conda)
    assert account.python == HERE
    assert yaml.safe_load((target / "python_env.yaml").read_text())["python"] == HERE
    assert ModelFolder.open(target).mlmodel.python == HERE


def test_a_range_that_this_python_is_in_is_met(libraries, project, target: Path) -> None:
    given = {"dependencies": ["python>=3.8", "lib-base", {"pip": ["lib-top"]}]}
    account = save(project, target, conda_env=given)
    assert account.python == ".".join(map(str, sys.version_info[:3]))


def test_a_range_that_no_python_is_in_is_refused(project, target: Path) -> None:
    with pytest.raises(WrongUseError, match=r"asks for 'python<3\.8'.* name one version"):
        save(project, target, conda_env={"dependencies": ["python<3.8"]})


ANOTHER = f"python>=3.9,!={HERE}.*,<3.14"


def test_of_a_range_that_this_python_is_not_in_an_interpreter_is_chosen(
    project, target: Path
) -> None:
    try:
        found = find(other(), Python.current(), Settings.from_environment()).version
    except PythonMissingError:
        pytest.skip("there is no other Python here")
    model = project.model("import sys; return sys.version_info[0]")
    given = {"dependencies": [ANOTHER]}
    account = modelenv.save_model(model, target, input_example=[1], conda_env=given)
    assert account.python == found
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    assert yaml.safe_load((target / "python_env.yaml").read_text())["python"] == found
    assert ModelFolder.open(target).mlmodel.python == found
    assert yaml.safe_load((target / "conda.yaml").read_text()) == given
    check_agreement(target)


def other() -> str:
    """Name the newest version of Python that is here and is another than this one."""
    for version in reversed(CondaEnv.of({"dependencies": [ANOTHER]}).minors):
        try:
            find(version, Python.current(), Settings.from_environment())
        except PythonMissingError:
            continue
        return version
    return "3.99"


def test_of_a_range_that_is_not_to_be_proven_the_oldest_is_taken_where_none_is_here(
    project, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "PYENV_ROOT", "PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "none"))
    model = project.model("return data")
    given = {"dependencies": ["python>=3.16"]}
    account = modelenv.save_model(model, target, input_example=[1], conda_env=given, prove=False)
    assert account.python == "3.16"
    with pytest.raises(PythonMissingError, match=r"Python 3\.16"):
        modelenv.save_model(model, tmp_path / "two", input_example=[1], conda_env=given)


@pytest.mark.parametrize(
    ("spec", "written"),
    [
        (f"python={HERE}.*", HERE),
        (f"python {HERE}", HERE),
        (f"conda-forge::python={HERE}", HERE),
        (f"conda-forge::python={HERE}.99", f"{HERE}.99"),
        (f"python>={HERE},<4", FULL),
        (f"python>={HERE}.99,<4", HERE),
        (f"python=2.7|{HERE}.*", FULL),
    ],
)
def test_all_files_say_the_python_that_conda_is_asked_for(
    libraries, project, target: Path, spec: str, written: str
) -> None:
    given = {"dependencies": [spec, "lib-base", {"pip": ["lib-top==1.0"]}]}
    account = save(project, target, conda_env=given)
    assert account.python == written
    assert yaml.safe_load((target / "python_env.yaml").read_text())["python"] == written
    assert ModelFolder.open(target).mlmodel.python == written
    check_agreement(target)


def test_an_interpreter_that_is_named_has_to_be_in_the_range(project, target: Path) -> None:
    given = {"dependencies": [ANOTHER]}
    for python in (HERE, sys.executable):
        with pytest.raises(WrongUseError, match=r"conda_env python>=3\.9,.* for one of them"):
            save(project, target, python=python, conda_env=given)


def test_a_list_that_is_not_enough_is_an_error_with_the_missing_line(
    libraries, project, target: Path
) -> None:
    with pytest.raises(NotProvenError, match=r"not in the list: lib-top==1\.0"):
        save(project, target, conda_env={"dependencies": ["lib-base", {"pip": ["lib-idle"]}]})
    assert not target.exists()


def test_only_one_of_three_inputs_may_be_given(project, target: Path, conda: Path) -> None:
    for other in ("pip_requirements", "extra_pip_requirements"):
        with pytest.raises(
            TooManyInputsError, match=f"{other} and conda_env|conda_env and {other}"
        ):
            save(project, target, conda_env=conda, **{other: ["six"]})
    assert not target.exists()


def test_what_conda_is_asked_for_and_cannot_be_had_is_a_conflict(
    libraries, project, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    given = {"dependencies": ["lib-base=2.0", {"pip": ["lib-top"]}]}
    with pytest.raises(ConflictError, match=r"lib-base: conda_env\[1\] asks for lib-base==2"):
        save(project, target, conda_env=given)
    assert not target.exists()


def test_what_is_installed_and_contradicts_conda_is_noted(libraries, project, target: Path) -> None:
    libraries.install("lib-strict", {"lib_strict.py": ""}, requires=["lib-base>=2"])
    given = {"dependencies": ["lib-base=1.0", {"pip": ["lib-top", "lib-strict"]}]}
    account = save(project, target, conda_env=given)
    assert any("lib-base>=2" in note for note in account.notes)


def test_files_of_the_pip_section_stand_where_the_conda_file_does(
    libraries, project, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "more.txt").write_text("lib-top\n")
    (folder / "conda.yaml").write_text("dependencies:\n- pip:\n  - -r more.txt\n")
    monkeypatch.chdir(project.root)
    account = save(project, target, conda_env=str(folder / "conda.yaml"))
    assert account.pins == ("lib-base==1.0", "lib-top==1.0")


def test_a_broken_file_is_named_with_its_line(project, target: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("dependencies:\n- python=3.11\n- python=3.12\n")
    with pytest.raises(InvalidFile, match=r"broken\.yaml:3"):
        save(project, target, conda_env=file)
    with pytest.raises(WrongUseError, match=r"absent\.yaml: there is no such file"):
        save(project, target, conda_env=tmp_path / "absent.yaml")


def test_credentials_are_in_no_file(libraries, project, target: Path) -> None:
    secret = "https://me:hidden@host.example/channel"
    index = f"--extra-index-url {secret}"
    given = {"channels": [secret], "dependencies": ["lib-base", {"pip": ["lib-top", index]}]}
    save(project, target, conda_env=given, prove=False)
    texts = [file.read_text() for file in target.rglob("*") if file.suffix in {".txt", ".yaml"}]
    assert not [text for text in texts if "hidden" in text]
    assert "${HOST_EXAMPLE_PASSWORD}" in (target / "conda.yaml").read_text()


def test_an_argument_is_not_changed(libraries, project, target: Path) -> None:
    given = {"dependencies": ["lib-base", {"pip": ["lib-top"]}]}
    save(project, target, conda_env=given)
    assert given == {"dependencies": ["lib-base", {"pip": ["lib-top"]}]}
