"""A temporary folder goes with its process, however that ends."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from modelenv.base.files.scratch import scratch_folder

HOLD = """
import sys
from modelenv.base.files.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="there the system cleans up")
def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        with scratch_folder():
            assert (theirs / "file").exists()
        process.kill()
    with scratch_folder() as ours:
        assert not theirs.exists()
        with scratch_folder():
            assert ours.exists()
    assert not ours.exists()
