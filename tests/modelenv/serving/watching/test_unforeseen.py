"""Reports of workers are counted, logged once and stored, but not trusted."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from dataclasses import replace
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
    "wanted": [["imports", "cv2"]],
}
OTHER = {**FAILED, "type": "ValueError", "message": "x", "wanted": []}


class Bench:
    """One model that is watched, and what is said of it."""

    def __init__(self, root: Path) -> None:
        self.lines: list[str] = []
        self.kept = WatchLog(root / "state" / "log.json")
        folder = root / "model"
        folder.mkdir()
        expected = Expected(folder=folder, pins=frozenset({"numpy"}))
        self.unforeseen = Unforeseen(
            expected, self.lines.append, self.kept, lambda text: text.replace("s3cr3t", "****")
        )

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
    assert [each.count for each in bench.kept.read() or ()] == [12]
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
    ("wanted", "told", "by_it"),
    [
        (["libraries", "libpq.so.5"], True, ""),
        (["files", "{there}"], True, ""),
        (["files", "{absent}"], False, ""),
        (["files", "{own}"], False, ""),
        (["metadata", "Kiln_Core"], True, "kiln-core"),
        (["metadata", "numpy"], True, ""),
        (["imports", "numpy.nosuchthing"], True, ""),
        (["imports", "cv2"], True, "opencv-python-headless"),
    ],
)
def test_what_else_a_request_may_fail_for(
    bench: Bench, tmp_path: Path, wanted: list[str], told: bool, by_it: str
) -> None:
    places = {
        "there": tmp_path / "there.txt",
        "absent": tmp_path / "absent.txt",
        "own": tmp_path / "model" / "own.txt",
    }
    places["there"].write_text("")
    places["own"].write_text("")
    kind, name = wanted[0], wanted[1].format(**places)
    found = bench.hear({**OTHER, "wanted": [[kind, name]]})
    assert [(each.kind, each.name, each.weight, each.distribution) for each in found] == (
        [(kind, name, "missing", by_it)] if told else []
    )
    assert len(bench.lines) == len(found)


def test_a_file_is_kept_from_nobody_who_is_not_sealed(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_text("")
    bench.unforeseen.expected = replace(bench.unforeseen.expected, is_sealed=False)
    assert bench.hear({**OTHER, "wanted": [["files", str(tmp_path / "there.txt")]]}) == ()


def test_what_was_looked_for_by_a_request_that_fails_of_something_else(bench: Bench) -> None:
    first = {**OTHER, "seen": {"imports": {"cv2": CV2}}}
    (found,) = bench.hear(first)
    assert (found.weight, found.is_grave, found.failed) == ("perhaps", False, 0)
    assert "which is not there, and the request failed" in bench.lines[0]
    assert [each.weight for each in bench.hear(FAILED)] == ["missing"]


def test_what_a_request_fails_for_explains_what_else_it_looked_for(bench: Bench) -> None:
    seen = {"imports": {"cv2": CV2, "simplejson": CV2}}
    found = bench.hear({**FAILED, "seen": seen})
    assert {each.name: each.weight for each in found} == {
        "simplejson": "optional",
        "cv2": "missing",
    }


def test_code_of_what_is_not_pinned_is_told_once(bench: Bench) -> None:
    class Unpinned(Expected):
        def weigh(self, kind: str, name: str, told: Any) -> Any:
            return "unpinned", "kiln"

    bench.unforeseen.expected = Unpinned(folder=bench.kept.file.parent, pins=frozenset())
    seen = {f"kiln.part{number}": {**CV2, "there": True} for number in range(95)}
    (found,) = bench.hear({"seen": {"imports": seen}})
    assert (found.name, found.count, len(bench.lines)) == ("kiln.part0", 95, 1)


def test_secrets_are_not_kept(bench: Bench) -> None:
    hosts = {"me:s3cr3t@db:1": {"count": 1}, "s3cr3t.db:1": {"count": 1, "by": "s3cr3t.py:1"}}
    bench.hear({**FAILED, "traceback": "in s3cr3t", "seen": {"hosts": hosts}})
    text = bench.kept.file.read_text()
    assert "s3cr3t" not in text
    assert {each.name for each in bench.kept.read() or ()} == {"db:1", "****.db:1", "cv2"}
    if os.name == "posix":
        assert stat.S_IMODE(bench.kept.file.stat().st_mode) == 0o600
        assert stat.S_IMODE(bench.kept.file.parent.stat().st_mode) == 0o700


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
        {**FAILED, "wanted": None},
        {**FAILED, "wanted": "imports"},
        {**FAILED, "wanted": {"imports": "x"}},
        {**FAILED, "wanted": [["imports"], ["imports", 7], ["rockets", "x"], ["imports", ""]]},
        {"wanted": [["imports", "cv2"]]},
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
    assert len(bench.kept.read() or ()) == 300
    assert [line for line in bench.lines if line.startswith("more than 300 names")] == [
        "more than 300 names were found: less grave ones are only counted from now on"
    ]


def test_what_is_grave_takes_the_place_of_what_is_not(bench: Bench, tmp_path: Path) -> None:
    absent = {f"kiln{number}": CV2 for number in range(400)}
    bench.hear({"seen": {"imports": absent}})
    later = {"seen": {"hosts": {"db:1": {"count": 1}}}}
    found = bench.hear(later, {**FAILED, "seen": {"imports": {"oven": CV2}}})
    assert len(found) == 300
    assert {each.name for each in found if each.is_grave} == {"db:1", "cv2"}
    assert bench.unforeseen.uncounted == 101
    assert {"db:1", "cv2"} < {each.name for each in bench.kept.read() or ()}
    many = {"seen": {"hosts": {f"db{number}:1": {"count": 1} for number in range(400)}}}
    assert {each.weight for each in bench.hear(many)} == {"missing", "outside"}
    assert [each.name for each in bench.hear(FAILED) if each.failed] == ["cv2"]


@pytest.mark.skipif(sys.platform == "win32", reason="it limits no file")
def test_a_full_disk_is_said_and_ends_nothing(bench: Bench) -> None:
    import resource

    one = {"seen": {"hosts": {"db:1": {"count": 1}}}}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        bench.hear(one)
        bench.hear(one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (line,) = [each for each in bench.lines if "cannot be stored" in each]
    assert "PosixPath" not in line
    assert str(bench.kept.file) in line
    bench.hear()
    assert [each.count for each in bench.kept.read() or ()] == [2]


def test_a_failure_of_the_watch_itself_is_said_once(bench: Bench) -> None:
    class Odd(Expected):
        def weigh(self, kind: str, name: str, told: Any) -> Any:
            raise ValueError("odd")

    bench.unforeseen.expected = Odd(folder=bench.kept.file.parent, pins=frozenset())
    one = {"seen": {"hosts": {"db:1": {"count": 1}}}}
    assert bench.hear(one, one) == ()
    assert bench.lines == ["a finding cannot be processed: ValueError: odd"]


def test_what_cannot_be_kept_is_said_once_and_tried_again(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    one = {"seen": {"hosts": {"db:1": {"count": 1}}}}
    bench.hear(one)
    bench.hear(one)
    assert [line.startswith("findings cannot be stored") for line in bench.lines] == [False, True]
    (tmp_path / "state").unlink()
    bench.hear(one)
    assert [each.count for each in bench.kept.read() or ()] == [3]


def test_it_is_looked_at_soon_without_being_told_to(bench: Bench) -> None:
    async def hear() -> None:
        bench.unforeseen.heard({"seen": {"hosts": {"db:1": {"count": 1}}}}, "r")
        for _ in range(200):
            await asyncio.sleep(0.02)
            if bench.kept.file.exists():
                return

    asyncio.run(hear())
    assert [each.name for each in bench.kept.read() or ()] == ["db:1"]
