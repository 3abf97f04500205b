from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.revive.newest import Newest, Row, Search, Searched
from benchmarks.revive.old_model import OldModel

from ..small_worlds import write_wheel

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
MODEL = "class model:\n    @staticmethod\n    def predict(data):\n        return {}\n"


@pytest.fixture
def search(tmp_path: Path, uv: str, monkeypatch: pytest.MonkeyPatch) -> Search:
    """Return a search for a model whose library fails since 1.3, and predicts anew since 1.2."""
    wheels = tmp_path / "wheels"
    for version, answer in {"1.0": "[1]", "1.1": "[1]", "1.2": "[2]", "1.3": "1 / 0"}.items():
        code = MODEL.format(answer)
        write_wheel(wheels, "forest", version, modules={"forest/__init__.py": code})
    for version in ("1.26", "2.4"):
        write_wheel(wheels, "numpy", version, modules={"numpy/__init__.py": "asarray = list\n"})
    # An index without a file: none of what is out there counts.
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "index").as_uri())
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    story = {"name": "old", "model": "model.pkl", "key": "forest"}
    (tmp_path / "story.json").write_text(json.dumps(story))
    (tmp_path / "model.pkl").write_bytes(b"cforest\nmodel\n.")
    (tmp_path / "input.json").write_text('{"inputs": [7]}')
    (tmp_path / "prediction.json").write_text('{"predictions": [1]}')
    old = OldModel.read(tmp_path)
    return Search(old, ["forest"], uv, {MINOR: sys.executable}, minors=[MINOR])


def test_every_line_is_tried_until_the_prediction_is_that_of_then(
    search: Search, tmp_path: Path
) -> None:
    found = search.run(tmp_path, oldest="1.0", seconds=600)
    version = ".".join(map(str, sys.version_info[:3]))
    # Two lines with numpy 2 and 1 each, and the third with numpy 2.
    assert found == Searched(Newest(version, {"forest": "1.1", "numpy": "2.4"}), 5)
    assert [search.behind(reached, "1.1") for reached in ("1.0", "1.1", "1.3")] == [1, 0, 0]
    assert search.run(tmp_path, oldest="1.2", seconds=600) == Searched(None, 4)


def test_a_search_whose_time_is_over_says_where(search: Search, tmp_path: Path) -> None:
    found = search.run(tmp_path, oldest="1.0", seconds=-1)
    assert found == Searched(None, 0, cut="1.3")
    assert search.behind("1.0", found.cut) == 3


@pytest.mark.parametrize(
    ("searched", "behind", "good"),
    [
        (Searched(Newest("3.12.1", {}), 4), 1, True),
        (Searched(Newest("3.12.1", {}), 4), 2, False),
        (Searched(None, 4, cut="1.3"), 1, True),
        (Searched(None, 4, cut="1.9"), 6, False),
        (Searched(None, 4), 0, False),
    ],
)
def test_what_was_missed_or_not_seen_is_no_success(
    searched: Searched, behind: int, good: bool
) -> None:
    row = Row("old", searched, 3, "forest", "1.0", "1.1", "3.12", behind, (1.0, 2.0))
    assert row.good is good
