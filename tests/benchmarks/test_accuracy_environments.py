from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.accuracy.running.environments import Builder, BuildError
from modelenv.base.settings import Settings

uv = Settings.from_environment().uv
pytestmark = pytest.mark.skipif(uv is None, reason="uv builds these environments")

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile
from pathlib import Path

NAME = "grist-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\\nName: grist\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(Path(folder, NAME), "w") as wheel:
        wheel.writestr("grist.py", "def grind():\\n    return 'coarse'\\n")
        wheel.writestr("grist-1.0.dist-info/METADATA", METADATA)
        wheel.writestr("grist-1.0.dist-info/WHEEL", WHEEL)
        wheel.writestr("grist-1.0.dist-info/RECORD", "grist.py,,\\n")
    return NAME
"""
EDIT = """
import sysconfig
from pathlib import Path

file = Path(sysconfig.get_path("purelib"), "grist.py")
file.write_text(file.read_text("utf-8").replace("coarse", "fine"), "utf-8")
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(PROJECT, "utf-8")
    (project / "backend.py").write_text(BACKEND, "utf-8")
    return _builder(tmp_path).wheel(project)


def _builder(folder: Path) -> Builder:
    return Builder(uv=str(uv), python=sys.executable, cache=folder / "cache")


def test_what_an_author_edits_is_edited_in_that_environment_alone(
    tmp_path: Path, wheel: Path
) -> None:
    script = tmp_path / "edit.py"
    script.write_text(EDIT, "utf-8")
    builder, offline = _builder(tmp_path), ("--no-deps", "--no-index")
    before = builder.environment([str(wheel)], offline)
    edited = builder.environment([str(wheel)], offline, after=script)
    again = builder.environment([str(wheel)], offline, after=script)
    assert edited.folder == again.folder
    assert "fine" in (edited.site_packages / "grist.py").read_text("utf-8")
    assert "coarse" in (before.site_packages / "grist.py").read_text("utf-8")


def test_a_script_that_fails_leaves_no_environment(tmp_path: Path, wheel: Path) -> None:
    script = tmp_path / "edit.py"
    script.write_text("raise SystemExit('nothing to edit')\n", "utf-8")
    builder = _builder(tmp_path)
    for _ in range(2):
        with pytest.raises(BuildError, match="nothing to edit"):
            builder.environment([str(wheel)], ("--no-deps", "--no-index"), after=script)
