"""A model for another Python: another interpreter, or another version."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from modelenv.save.observe.target_python import TargetPython, find_target, own_folders
from modelenv.worker.errors import RunFailedError

PLAIN = "import sys; return [len(data), sys.version_info[0]]"
LIBRARY = "import lib_there; return lib_there.VALUE"
HERE = Python.current()
MINOR = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def other(tmp_path: Path, site: Any) -> Path:
    """Make a bare virtual environment in which one library is installed."""
    root = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    folder = next(root.glob("[Ll]ib/**/site-packages"))
    type(site)(folder).install("lib-there", {"lib_there.py": "VALUE = 3"}, version="2.5")
    return root


def other_version() -> str:
    for version in ("3.10", "3.12", "3.13", "3.11"):
        if version == MINOR:
            continue
        try:
            return find(version, HERE, Settings.from_environment()).version
        except PythonMissingError:
            continue
    pytest.skip("there is no other Python here")


def save(project: Any, target: Path, body: str = LIBRARY, **options: Any) -> Any:
    return modelenv.save_model(project.model(body), target, input_example=[1], **options)


def test_a_model_is_traced_and_proven_in_the_interpreter_that_is_named(
    other: Path, project, target: Path
) -> None:
    account = save(project, target, python=other / "bin" / "python")
    assert account.pins == ("lib-there==2.5",)
    assert account.verdict.status == "reproduces"
    assert account.first_party == ("own_model",)


def test_the_folder_of_an_environment_is_its_interpreter(
    other: Path, project, target: Path
) -> None:
    assert save(project, target, python=str(other)).pins == ("lib-there==2.5",)


@pytest.mark.parametrize("in_process", [False, True])
def test_what_a_child_of_another_python_imports_is_neither_pinned_nor_carried(
    other: Path, project, own_site, target: Path, in_process: bool
) -> None:
    own_site.install("lib-there", {"lib_there.py": "VALUE = 1"}, version="1.0")
    program = str(other / "bin" / "python")
    code = "import lib_there; print(lib_there.VALUE)"
    body = f"import subprocess; return int(subprocess.check_output([{program!r}, '-c', {code!r}]))"
    account = save(project, target, body, trace_in_process=in_process, allow_paths=other)
    assert account.pins == ()
    assert account.first_party == ("own_model",)
    assert account.verdict.status == "reproduces"
    assert any(f"another Python ran as a child, {program}" in note for note in account.notes)


def test_what_that_interpreter_lacks_is_an_error_of_the_run(
    other: Path, project, own_site, target: Path
) -> None:
    own_site.install("lib-here")
    with pytest.raises(RunFailedError) as caught:
        save(project, target, "import lib_here", python=other)
    assert caught.value.stage == "predict"
    assert "lib_here" in caught.value.reason
    assert not target.exists()


def test_another_version_is_resolved_for_and_proven_in(project, target: Path) -> None:
    version = other_version()
    account = save(project, target, PLAIN, python=".".join(version.split(".")[:2]))
    assert account.python == version
    assert account.verdict.status == "reproduces"
    assert account.verdict.where.startswith("an environment built with")
    assert any(f"traced in Python {HERE.version}" in note for note in account.notes)
    text = (target / "python_env.yaml").read_text()
    assert f"python: {version}" in text
    assert "- pip\n" in text  # that one's pip is not this one's


def test_condas_python_is_the_one_it_is_proven_in(project, target: Path) -> None:
    version = ".".join(other_version().split(".")[:2])
    account = save(project, target, PLAIN, conda_env={"dependencies": [f"python={version}"]})
    assert account.python == version
    assert account.verdict.where.startswith("an environment built with")


def test_a_version_that_is_not_here_is_named(project, target: Path) -> None:
    with pytest.raises(PythonMissingError) as caught:
        save(project, target, PLAIN, python="3.99")
    assert caught.value.version == "3.99"


def test_what_is_no_interpreter_is_named_with_the_ways(project, target: Path) -> None:
    with pytest.raises(WrongUseError, match=r"nowhere is no interpreter that runs: give its path"):
        save(project, target, PLAIN, python="/nowhere")


def test_two_words_on_python_have_to_agree(project, target: Path) -> None:
    conda = {"dependencies": ["python=3.7"]}
    for python in ("3.12", sys.executable):
        with pytest.raises(WrongUseError, match=r"conda_env python=3\.7: the model is for one"):
            save(project, target, PLAIN, python=python, conda_env=conda)


def test_a_model_in_this_process_is_traced_in_no_other(other: Path, project, target: Path) -> None:
    with pytest.raises(WrongUseError, match="name no other `python`"):
        save(project, target, PLAIN, python=other, trace_in_process=True)


def test_this_interpreter_by_its_own_name_is_no_other() -> None:
    settings = Settings.from_environment()
    for name in (sys.executable, MINOR, HERE.version, None):
        assert find_target(name, None, HERE, settings, prove=True) == TargetPython()


def test_own_code_is_what_is_neither_installed_nor_the_standard_library(project, own_site) -> None:
    folders = own_folders(Python.current())
    assert project.root in folders
    assert own_site.root not in folders
    assert not [folder for folder in folders if "site-packages" in folder.parts]
    assert not [folder for folder in folders if (folder / "json" / "__init__.py").exists()]


def test_a_release_that_is_named_is_that_release(project, target: Path) -> None:
    here = HERE.version
    found = find_target(here, None, HERE, Settings.from_environment(), prove=True)
    assert found == TargetPython()
    for python in (f"{MINOR}.99", f"{MINOR}.99t", "3.99.1"):
        with pytest.raises(PythonMissingError, match=rf"there is no Python {python.split('.')[0]}"):
            save(project, target, PLAIN, python=python, pip_requirements=[])
        assert not target.exists()
    account = save(project, target, PLAIN, python=f"{MINOR}.99", pip_requirements=[], prove=False)
    assert account.environment.python == f"{MINOR}.99"


def test_a_release_of_the_minor_version_alone_is_this_one() -> None:
    settings = Settings.from_environment()
    assert find_target(MINOR, None, HERE, settings, prove=True) == TargetPython()


def test_a_free_threaded_build_is_resolved_for(project, target: Path) -> None:
    account = save(project, target, PLAIN, python="3.14t", pip_requirements=[], prove=False)
    assert account.environment.python == "3.14"


def test_verify_runs_with_the_python_that_is_named(project, target: Path) -> None:
    save(project, target, PLAIN, prove=False)
    named = modelenv.verify(target, python=sys.executable)
    assert (named.status, named.notes) == ("reproduces", ())
    with pytest.raises(PythonMissingError, match=rf"there is no Python {MINOR}.99 here"):
        modelenv.verify(target, python=f"{MINOR}.99")
    with pytest.raises(WrongUseError, match="no interpreter that runs"):
        modelenv.verify(target, python="/nowhere/python")


@pytest.mark.slow
def test_verify_builds_for_another_python(project, target: Path) -> None:
    save(project, target, "return len(data)", prove=False)
    version = other_version()
    verdict = modelenv.verify(target, python=version)
    assert verdict.status == "reproduces"
    assert f"it was run with Python {version}, not with the model's own" in verdict.notes


def test_predict_runs_with_the_python_that_is_named(project, target: Path, tmp_path: Path) -> None:
    save(project, target, PLAIN, prove=False)
    assert modelenv.predict(target, [1, 2], python=sys.executable) == [2, 3]
    with pytest.raises(PythonMissingError, match=rf"there is no Python {MINOR}.99 here"):
        modelenv.predict(target, python=f"{MINOR}.99")
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(PythonMissingError, match=rf"there is no Python {MINOR}.99 here"):
        modelenv.predict_files(
            target, tmp_path / "rows.jsonl", tmp_path / "out.jsonl", python=f"{MINOR}.99"
        )
    with pytest.raises(WrongUseError, match=r"python='3\.99' is for this machine: a node runs"):
        modelenv.predict_files(
            target, tmp_path / "rows.jsonl", tmp_path / "out.jsonl", python="3.99", engine="dask"
        )


@pytest.mark.slow
def test_predict_builds_for_another_python(project, target: Path) -> None:
    save(project, target, "import sys; return list(sys.version_info[:2])", prove=False)
    version = other_version()
    with pytest.warns(UserWarning, match=f"it was run with Python {version}, not with the model's"):
        predicted = modelenv.predict(target, python=version)
    assert predicted == list(map(int, version.split(".")[:2]))
