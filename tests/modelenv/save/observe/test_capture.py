"""A pickled model is captured in an interpreter that has nothing of ours."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from envfiles import read_folder
from modelenv.base.errors import WrongUseError
from modelenv.save.pickled import capture_pickle
from modelenv.worker.errors import NotProvenError, RunFailedError

LIBRARY = """
class Model:
    def predict(self, data):
        try:
            import fake_probe
        except ImportError:
            pass
        return [each * 2 for each in data]
"""


@pytest.fixture
def other(tmp_path: Path, site) -> Any:
    """Make a bare virtual environment in which a library is installed, and a model of it."""
    root = tmp_path / "other"
    command = [sys.executable, "-m", "venv", "--without-pip", str(root)]
    subprocess.run(command, check=True)
    windows = os.name == "nt"
    minor = ".".join(map(str, sys.version_info[:2]))
    folder = root / ("Lib/site-packages" if windows else f"lib/python{minor}/site-packages")
    there = type(site)(folder)
    there.install("fake-lib", {"fake_lib/__init__.py": LIBRARY}, version="2.5")
    there.install("fake-probe", {"fake_probe.py": ""})
    there.install("unused")
    (tmp_path / "model.pkl").write_bytes(b"cfake_lib\nModel\n(tR.")
    (tmp_path / "input.pkl").write_bytes(pickle.dumps([1, 2]))
    return SimpleNamespace(
        site=there,
        python=root / ("Scripts/python.exe" if windows else "bin/python"),
        model=tmp_path / "model.pkl",
        input=tmp_path / "input.pkl",
    )


def capture(other: Any, target: Path, **more: Any) -> Any:
    options = {
        "python": other.python,
        "timeout": 60,
        **more,
    }
    return capture_pickle(other.model, other.input, target, **options)


def test_the_environment_of_the_other_interpreter_is_written(other, target: Path) -> None:
    account = capture(other, target)
    assert account.pins == ("fake-lib==2.5",)
    assert [item.name for item in account.left_out] == ["fake-probe"]
    assert account.verdict.status == "reproduces"
    assert {path.name for path in target.iterdir()} == {
        "conda.yaml",
        "python_env.yaml",
        "requirements.txt",
        "trace.json",
    }
    assert [entry.requirement for entry in read_folder(target).requirements] == ["fake-lib==2.5"]


def test_own_code_is_found_in_the_folders_that_are_named(
    other, target: Path, tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "own.py").write_text("import fake_lib\nclass Mine(fake_lib.Model): pass\n")
    other.model.write_bytes(b"cown\nMine\n(tR.")
    account = capture(other, target, code_folders=(tmp_path / "src",))
    assert (account.pins, account.first_party) == (("fake-lib==2.5",), ("own",))


def test_the_user_s_lines_count_there_too(other, target: Path) -> None:
    account = capture(other, target, extra_pip_requirements=["unused"])
    assert account.pins == ("fake-lib==2.5", "unused==1.0")


def test_a_list_that_is_not_enough_is_refused(other, target: Path) -> None:
    with pytest.raises(NotProvenError) as caught:
        capture(other, target, pip_requirements=["unused"])
    assert any("fake-lib==2.5" in hint for hint in caught.value.hints)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "data", "stage"),
    [
        (b"cnowhere\nModel\n(tR.", pickle.dumps([1]), "load"),
        (b"cfake_lib\nModel\n(tR.", b"cnowhere\nData\n(tR.", "input"),
        (b"cfake_lib\nModel\n(tR.", pickle.dumps(3), "predict"),
    ],
)
def test_what_fails_there_is_told_with_its_stage(
    model: bytes, data: bytes, stage: str, other, target: Path
) -> None:
    other.model.write_bytes(model)
    other.input.write_bytes(data)
    with pytest.raises(RunFailedError) as caught:
        capture(other, target)
    assert caught.value.stage == stage
    assert list(target.parent.iterdir()) == []


def test_what_is_no_interpreter_is_told(other, target: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match=str(tmp_path / "absent")):
        capture(other, target, python=tmp_path / "absent")
    if Path("/bin/echo").exists():
        with pytest.raises(RunFailedError) as caught:
            capture(other, target, python=Path("/bin/echo"))
        assert caught.value.stage == "start"
    assert list(target.parent.iterdir()) == []


def test_a_range_of_pythons_in_a_conda_file_is_met_by_the_interpreter_or_by_another(
    other: Any, tmp_path: Path
) -> None:
    minor = ".".join(map(str, sys.version_info[:2]))
    here = ".".join(map(str, sys.version_info[:3]))
    for asked, found in ((f"python>={minor},<4", here), ("python>=3.16,<3.18", "3.16")):
        target = tmp_path / found
        capture(other, target, conda_env={"dependencies": [asked]}, prove=False)
        assert read_folder(target).python == found
