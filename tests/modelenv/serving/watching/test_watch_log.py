"""The file that keeps what was found: joined, bounded, whole whoever writes, and not believed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from modelenv.base.files.bounded import UntrustedFileError
from modelenv.base.settings import Settings
from modelenv.folder.model_folder import ModelFolder
from modelenv.serving.watching import watch_log
from modelenv.serving.watching.finding import Finding
from modelenv.serving.watching.watch_log import WatchLog

ONE = Finding(
    kind="imports",
    name="kiln",
    weight="optional",
    by="kiln/core.py:7",
    count=2,
    request="a",
    first="2026-01-02T00:00:00+00:00",
    last="2026-01-02T00:00:00+00:00",
)
LATER = replace(
    ONE,
    weight="missing",
    count=3,
    failed=1,
    request="b",
    first="2026-01-03T00:00:00+00:00",
    last="2026-01-03T00:00:00+00:00",
    failure="ModuleNotFoundError",
)


def test_what_is_added_is_joined_with_what_is_there(tmp_path: Path) -> None:
    log = WatchLog(tmp_path / "new" / "log.json")
    assert log.read() is None
    assert log.add([ONE], {"model": "x"})
    assert log.add([LATER], {"model": "x"})
    (found,) = log.read() or ()
    assert (found.count, found.failed, found.request) == (5, 1, "a")
    assert (found.weight, found.failure) == ("missing", "ModuleNotFoundError")
    assert (found.first, found.last) == (ONE.first, LATER.last)


def test_other_code_of_one_distribution_is_one_finding(tmp_path: Path) -> None:
    log = WatchLog(tmp_path / "log.json")
    pinned = replace(ONE, weight="pinned", distribution="kiln")
    log.add([pinned, replace(pinned, name="kiln.other"), replace(pinned, distribution="oven")], {})
    assert [(each.name, each.count) for each in log.read() or ()] == [("kiln", 4), ("kiln", 2)]


def test_code_of_what_is_not_pinned_is_one_finding(tmp_path: Path) -> None:
    log = WatchLog(tmp_path / "log.json")
    unpinned = replace(ONE, weight="unpinned", distribution="kiln")
    log.add([replace(unpinned, name=f"kiln.part{number}") for number in range(95)], {})
    assert [(each.name, each.count) for each in log.read() or ()] == [("kiln.part0", 190)]


def test_the_gravest_stay_where_there_are_too_many(tmp_path: Path) -> None:
    log = WatchLog(tmp_path / "log.json")
    many = [replace(ONE, name=f"kiln{number}") for number in range(watch_log.MOST + 20)]
    many += [replace(ONE, name=f"db{number}", weight="outside") for number in range(watch_log.MOST)]
    log.add([*many, LATER], {})
    kept = log.read() or ()
    assert len(kept) == watch_log.MOST
    assert {each.weight for each in kept} == {"missing", "outside"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"schema": 1, "seen": [1, null, {}, [], {"kind": "imports"}]}',
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "kind": "other"}]}),
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "weight": "heavy"}]}),
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "count": True}]}),
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "count": -1}]}),
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "count": 2**60}]}),
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "name": 7}]}),
        json.dumps({"schema": 1, "seen": [{**ONE.to_json(), "failure": "x" * 5000}]}),
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out(tmp_path: Path, text: str) -> None:
    log = WatchLog(tmp_path / "log.json")
    log.file.write_text(text)
    assert log.read() == ()
    log.add([ONE], {})
    assert log.read() == (ONE,)


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "{}",
        "# a text of somebody's\n",
        '{"schema": 2, "seen": []}',
        '{"schema": true, "seen": {}}',
        '{"schema": 1, "seen": {}}',
        '{"schema": 1, "seen": ' + "[" * 200 + "]" * 200 + "}",
    ],
)
def test_a_file_that_is_none_of_ours_is_an_error_and_stays(tmp_path: Path, text: str) -> None:
    log = WatchLog(tmp_path / "log.json")
    log.file.write_text(text)
    with pytest.raises(UntrustedFileError, match=r"log\.json"):
        log.read()
    with pytest.raises(UntrustedFileError):
        log.add([ONE], {})
    assert log.file.read_text() == text


def test_it_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    log = WatchLog(tmp_path / "log.json")
    with FileLock(f"{log.file}.lock"):
        assert not log.add([ONE], {}, patience=0.05)
    assert log.add([ONE], {})


def test_several_servers_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from modelenv.serving.watching.finding import Finding
        from modelenv.serving.watching.watch_log import WatchLog
        one = Finding(kind="hosts", name="db:1", weight="outside", count=1)
        for _ in range(20):
            while not WatchLog(Path(sys.argv[1])).add([one], {}):
                pass
        """
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(file)]) for _ in range(2)]
    assert [each.wait() for each in running] == [0, 0]
    assert [each.count for each in WatchLog(file).read() or ()] == [40]


def test_a_model_has_one_file_whatever_its_folder_is_called(tmp_path: Path) -> None:
    settings = Settings({"MODELENV_STATE_DIR": str(tmp_path / "state")}, None)

    def file(name: str, text: str) -> Path:
        (tmp_path / name).mkdir()
        (tmp_path / name / "MLmodel").write_text(text)
        return WatchLog.of_folder(ModelFolder.at(tmp_path / name), settings).file

    assert file("model", "model_uuid: 1a2b\n") == file("copy", "model_uuid: 1a2b\n")
    others = {file("other", "model_uuid: 3c\n"), file("unnamed", "{}\n"), file("odd", "- 1\n")}
    assert len(others) == 3
    assert {each.parent for each in others} == {tmp_path / "state" / "served"}


@pytest.mark.skipif(sys.platform == "win32", reason="there everybody has a home")
def test_a_user_without_a_name_and_a_home_keeps_it_with_what_is_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container: a number, and no HOME."""
    import pwd

    def nobody(number: int) -> None:
        raise KeyError(number)

    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    (tmp_path / "MLmodel").write_text("{}\n")
    found = WatchLog.of_folder(ModelFolder.at(tmp_path), Settings({}, None)).file
    assert found.is_relative_to(tempfile.gettempdir())
