"""What workers tell is counted, logged once and kept; and it is not believed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from modelenv.serving.watching.expected import Expected
from modelenv.serving.watching.finding import Finding
from modelenv.serving.watching.unforeseen import Unforeseen
from modelenv.serving.watching.watch_log import WatchLog

CV2 = {"there": False, "file": None, "by": "/models/churn/code/train.py:7", "count": 1}
FAILED = {
    "failed": "predict",
    "type": "ModuleNotFoundError",
    "message": "No module named 'cv2'",
    "traceback": "Traceback…\nModuleNotFoundError: No module named 'cv2'\n",
}


class Bench:
    """One model that is watched, and what is said of it."""

    def __init__(self, root: Path) -> None:
        self.lines: list[str] = []
        self.kept = WatchLog(root / "state" / "log.json")
        folder = root / "model"
        folder.mkdir()
        expected = Expected(folder=folder, pins=frozenset())
        self.unforeseen = Unforeseen(expected, self.lines.append, self.kept)

    def hear(self, *answers: dict[str, Any]) -> tuple[Finding, ...]:
        """Hear answers to the requests r0, r1 and so on, and return what was found."""

        async def hear() -> None:
            for number, told in enumerate(answers):
                self.unforeseen.heard(told, f"r{number}")

        asyncio.run(hear())
        self.unforeseen.settle()
        return self.unforeseen.findings


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_came_is_counted_logged_once_and_kept(bench: Bench) -> None:
    seen = {"hosts": {"db:5432": {"count": 2, "by": "/m/code/train.py:3"}}}
    again = {"hosts": {"db:5432": {"count": 5}}}
    (found,) = bench.hear({"ok": "json"}, {"ok": "json", "seen": seen}, {"seen": again})
    assert (found.count, found.request, found.weight) == (7, "r1", "outside")
    assert bench.unforeseen.counts == {("hosts", "outside"): 7}
    assert bench.lines == [
        "it contacted db:5432, which the capture never saw (asked for by /m/code/train.py:3);"
        " request r1"
    ]
    assert bench.kept.read() == (found,)
    assert bench.hear({"seen": again})[0].count == 12
    assert bench.kept.read()[0].count == 12
    assert len(bench.lines) == 1


def test_a_request_that_fails_for_an_import_is_told_with_the_distribution(bench: Bench) -> None:
    (found,) = bench.hear({**FAILED, "seen": {"imports": {"cv2": CV2}}}, FAILED)
    assert (found.weight, found.distribution) == ("missing", "opencv-python-headless")
    assert (found.count, found.failed, found.request) == (2, 2, "r0")
    assert found.by == CV2["by"]
    assert found.failure == FAILED["traceback"]
    assert "cv2 (of opencv-python-headless), which is missing" in bench.lines[0]
    assert len(bench.lines) == 1


def test_what_went_on_without_it_is_less_until_a_request_fails_for_it(bench: Bench) -> None:
    (found,) = bench.hear({"ok": "json", "seen": {"imports": {"cv2": CV2}}})
    assert (found.weight, found.is_grave) == ("optional", False)
    (found,) = bench.hear(FAILED)
    assert (found.weight, found.count) == ("missing", 2)
    assert len(bench.lines) == 2


def test_what_libraries_do_without_is_counted_and_not_logged(bench: Bench) -> None:
    told = {**CV2, "by": "/env/lib/python3.12/site-packages/kiln/core.py:9"}
    (found,) = bench.hear({"seen": {"imports": {"cv2": told}}})
    assert (found.by, found.weight, bench.lines) == ("kiln/core.py:9", "optional", [])


def test_libraries_that_another_brought_along_are_its_own_business(bench: Bench) -> None:
    seen = {"/usr/lib/libGL.so.1": {"count": 1, "by": "/m/a.py:1"}, "/usr/lib/libX11.so.6": {}}
    (found,) = bench.hear({"seen": {"libraries": seen}})
    assert found.name == "/usr/lib/libGL.so.1"
    assert len(bench.hear({"seen": {"libraries": {"/usr/lib/libX11.so.6": {"count": 1}}}})) == 2


@pytest.mark.parametrize(
    ("message", "kind", "name"),
    [
        ("libpq.so.5: cannot open shared object file: No such file", "libraries", "libpq.so.5"),
        ("[Errno 2] No such file or directory: '{there}'", "files", "{there}"),
        ("[Errno 13] Permission denied: '{there}'", "files", "{there}"),
        ("[Errno 2] No such file or directory: '{absent}'", "", ""),
        ("[Errno 2] No such file or directory: '{own}'", "", ""),
        ("cannot import name 'x' from 'y'", "", ""),
    ],
)
def test_what_else_a_request_may_fail_for(
    bench: Bench, tmp_path: Path, message: str, kind: str, name: str
) -> None:
    places = {
        "there": tmp_path / "there.txt",
        "absent": tmp_path / "absent.txt",
        "own": tmp_path / "model" / "own.txt",
    }
    places["there"].write_text("")
    places["own"].write_text("")
    error = "ImportError" if "Errno" not in message else "FileNotFoundError"
    found = bench.hear({**FAILED, "type": error, "message": message.format(**places)})
    assert [(each.kind, each.name) for each in found] == (
        [(kind, name.format(**places))] if kind else []
    )


@pytest.mark.parametrize(
    "told",
    [
        {"seen": []},
        {"seen": "imports"},
        {"seen": {"imports": [1]}},
        {"seen": {"imports": {"": {}, "x" * 2000: {}, "y": 3, "z": None}}},
        {"seen": {"rockets": {"x": {"count": 1}}}},
        {"seen": {"more": {"files": "many", "hosts": -3, "imports": True}}},
        {"seen": {"more": 7}},
        {**FAILED, "type": ["ModuleNotFoundError"]},
        {**FAILED, "message": None},
        {**FAILED, "message": {"No module named": "x"}},
        {**FAILED, "type": "ValueError", "message": "No module named 'x'"},
    ],
)
def test_what_makes_no_sense_is_passed_over(bench: Bench, told: dict[str, Any]) -> None:
    assert bench.hear(told) == ()
    assert bench.unforeseen.uncounted == 0


def test_names_are_shown_without_what_moves_a_cursor(bench: Bench) -> None:
    bench.hear({"seen": {"hosts": {"\x1b[2Jdb": {"count": 10**30, "by": "\x1b[31mx"}}}})
    assert "\x1b" not in bench.lines[0]
    assert bench.unforeseen.findings[0].count == 0


def test_all_is_bounded(bench: Bench) -> None:
    many = [{"seen": {"hosts": {f"db{number}:1": {"count": 1}}}} for number in range(1100)]
    assert len(bench.hear(*many)) == 300
    assert bench.unforeseen.uncounted == 800
    assert len(bench.kept.read()) == 300


def test_what_cannot_be_kept_is_said_once_and_tried_again(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    one = {"seen": {"hosts": {"db:1": {"count": 1}}}}
    bench.hear(one)
    bench.hear(one)
    assert [line.startswith("what was found is not kept") for line in bench.lines] == [False, True]
    (tmp_path / "state").unlink()
    bench.hear(one)
    assert bench.kept.read()[0].count == 3


def test_it_is_looked_at_soon_without_being_told_to(bench: Bench) -> None:
    async def hear() -> None:
        bench.unforeseen.heard({"seen": {"hosts": {"db:1": {"count": 1}}}}, "r")
        for _ in range(200):
            await asyncio.sleep(0.02)
            if bench.kept.file.exists():
                return

    asyncio.run(hear())
    assert bench.kept.read()[0].name == "db:1"
