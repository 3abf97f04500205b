"""A new folder beside an old one: nothing that stands there is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

import envfiles
from modelenv.base.errors import NotMadeError
from modelenv.base.files.new_folder import new_folder, new_place


def test_it_stands_beside_the_old_one_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "old.v1").mkdir()
    (tmp_path / "model.pkl").touch()
    assert new_place(tmp_path / "old.v1", None, "new") == tmp_path / "old.v1-new"
    assert new_place(tmp_path / "model.pkl", None, "new") == tmp_path / "model-new"


def test_it_is_not_in_the_old_one_by_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "alias").symlink_to("old")
    for said in ("old", "old/new", "alias/new"):
        with pytest.raises(NotMadeError, match="which stays as it is"):
            new_place(tmp_path / "old", tmp_path / said, "new")


def test_of_two_who_fill_it_at_once_the_second_is_told_so(tmp_path: Path) -> None:
    place = tmp_path / "new"
    with new_folder(place) as first:
        (first.folder / "a").touch()
        with pytest.raises(NotMadeError, match="something stands there"):
            commit_after(first, place)
    assert [file.name for file in place.iterdir()] == ["a"]
    assert not [*tmp_path.glob(".new.*")]


def commit_after(first: envfiles.Staging, place: Path) -> None:
    with new_folder(place) as late:
        (late.folder / "b").touch()
        first.commit()
        late.commit()
