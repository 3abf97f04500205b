from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from envfiles.store.swap import exchange, move_aside

if TYPE_CHECKING:
    from pathlib import Path


def fill(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_moving_aside_keeps_the_old_one_for_removal(tmp_path: Path) -> None:
    new, old = fill(tmp_path / "new", {"a": "new"}), fill(tmp_path / "old", {"a": "old"})
    move_aside(new, old, tmp_path / "aside")
    assert (content(old), content(tmp_path / "aside")) == ({"a": "new"}, {"a": "old"})


def test_moving_aside_puts_the_old_one_back_where_it_fails(tmp_path: Path) -> None:
    old = fill(tmp_path / "old", {"a": "old"})
    with pytest.raises(FileNotFoundError):
        move_aside(tmp_path / "gone", old, tmp_path / "aside")
    assert content(old) == {"a": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="exchange is Linux's")
def test_exchanging_with_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        exchange(fill(tmp_path / "new", {}), tmp_path / "gone")
