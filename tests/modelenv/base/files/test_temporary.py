"""Temporary folders, in a container with a read-only root too."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from modelenv.base.files.scratch import scratch_folder, without_scratch
from modelenv.base.files.temporary import SHARED_MEMORY, NoScratchError, temporary_folder


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder that the system knows for temporary files is writable."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere/at/all"])


def test_they_go_where_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert temporary_folder() == str(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="others have no /dev/shm")
def test_they_go_into_memory_where_nothing_else_is_writable(nowhere: None) -> None:
    with scratch_folder() as folder:
        assert folder.parent == Path(SHARED_MEMORY)
        (folder / "file").write_text("x")
        assert without_scratch(f"no {folder}/x.so") == "no …/x.so"
    assert not folder.exists()


def test_where_there_is_none_the_mount_is_named(
    nowhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(NoScratchError, match="--tmpfs /tmp"), scratch_folder():
        pass
