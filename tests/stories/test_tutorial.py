"""The tutorial as a reader goes through it: its files are written, its commands run, in order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
STEP = re.compile(
    r"^(?:<!-- (?P<kind>file|exit): (?P<of>\S+) -->\n)?```(?P<form>python|sh)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def test_every_block_is_one_that_is_run() -> None:
    forms = re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)
    assert forms.count("python") + forms.count("sh") == len(STEP.findall(PAGE)) > 6
    assert set(forms) == {"python", "sh", "text"}


@pytest.mark.slow
def test_a_reader_goes_through_it(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for step in STEP.finditer(PAGE):
        if step["form"] == "python":
            assert step["kind"] == "file"
            (tmp_path / step["of"]).write_text(step["text"])
            continue
        done = subprocess.run(
            ["bash", "-e", "-c", step["text"]],
            cwd=tmp_path,
            env={**os.environ, "PATH": programs},
            capture_output=True,
            text=True,
            check=False,
        )
        said = f"{step['text']}{done.stdout}{done.stderr}"
        assert done.returncode == int(step["of"] if step["kind"] == "exit" else 0), said
    assert "joblib==" in (tmp_path / "wine_model" / "requirements.txt").read_text()
