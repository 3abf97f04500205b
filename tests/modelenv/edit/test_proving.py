"""Edits that are proven: the recorded example is predicted again before anything is written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from modelenv import load_model, update_requirements
from modelenv.worker.errors import NotProvenError

ROOT = Path(__file__).parents[3]
SAVE = """\
import sys
import modelenv

def predict(numbers):
    from packaging.version import Version
    return [str(Version(str(each))) for each in numbers]

modelenv.save_model(predict, sys.argv[1], input_example=[1, 2])
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    script = tmp_path / "save.py"
    script.write_text(SAVE)
    code = (
        f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r});"
        " runpy.run_path(sys.argv[2], run_name='__main__')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "model"), str(script)], check=True)
    return tmp_path / "model"


def proof(folder: Path) -> str:
    document = yaml.safe_load((folder / "MLmodel").read_text())
    status: str = document["flavors"]["modelenv"]["proof"]["status"]
    return status


def test_an_edit_that_still_predicts_is_written_with_its_proof(saved: Path) -> None:
    update_requirements(saved, add=["click"], index="never")
    assert proof(saved) == "unproven"
    edited = update_requirements(saved, remove=["click"], index="never", prove=True)
    assert edited.verdict is not None
    assert (edited.verdict.status, proof(saved)) == ("reproduces", "reproduces")
    assert load_model(saved).predict([3]) == ["3"]


def test_an_edit_that_no_longer_predicts_changes_nothing(
    saved: Path, snapshot: Callable[[Path], dict[str, bytes]]
) -> None:
    before = snapshot(saved)
    with pytest.raises(NotProvenError, match="packaging"):
        update_requirements(saved, remove=["packaging"], index="never", prove=True)
    assert snapshot(saved) == before
    assert [path.name for path in saved.parent.glob(".model*")] == []
