"""The stored state of a fleet: by content, whole after a kill, one writer."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv import FleetOptions
from modelenv.fleet.errors import FleetBusyError, StateFileError
from modelenv.fleet.state.content import content_of
from modelenv.fleet.state.outcome import ModelOutcome
from modelenv.fleet.state.state_file import opened_state

if TYPE_CHECKING:
    from .conftest import Fleet

OUTCOME = ModelOutcome(path="m", status="whole", good=True, result={"a": 1})


def inspect(fleet: Fleet, **options: Any) -> modelenv.FleetReport:
    return modelenv.inspect_fleet(fleet.root, fleet=FleetOptions(**options))


def test_what_was_done_is_not_done_again_until_the_model_is_another(fleet: Fleet) -> None:
    models = fleet.many(5)
    assert inspect(fleet).earlier == 0
    assert inspect(fleet).earlier == 5
    (models[0] / "requirements.txt").write_text("numpy==1.26.3\nscikit-learn==1.5.2\n")
    report = inspect(fleet)
    assert (report.earlier, report.total) == (4, 5)
    os.utime(models[1] / "MLmodel", (1, 1))  # the same content
    assert inspect(fleet).earlier == 5
    assert inspect(fleet, again="all").earlier == 0
    fleet.add("another")
    assert inspect(fleet).earlier == 5


def test_copies_are_done_once_and_told_each(fleet: Fleet) -> None:
    first = fleet.add("a")
    shutil.copytree(first, fleet.root / "b")
    report = inspect(fleet)
    assert [Path(each.path).name for each in report.outcomes()] == ["a", "b"]
    times = {each.at for each in report.outcomes()}
    assert len(times) == 1


def test_what_could_not_be_found_out_is_tried_again(fleet: Fleet) -> None:
    good, bad = fleet.add("a"), fleet.add("b")
    (bad / "MLmodel").write_text("flavors: [")
    report = inspect(fleet)
    assert report.counts == {"whole": 1, "error": 1}
    assert not report
    assert inspect(fleet).earlier == 1
    shutil.copy(good / "MLmodel", bad / "MLmodel")
    assert inspect(fleet)


def test_what_failed_is_done_again_where_that_is_asked(fleet: Fleet) -> None:
    fleet.add("a")
    (fleet.add("b") / "model.pkl").unlink()
    assert inspect(fleet).counts.keys() == {"whole", "incomplete"}
    assert inspect(fleet).earlier == 2
    assert inspect(fleet, again="failed").earlier == 1


def test_what_took_a_while_is_on_the_disk_at_once(tmp_path: Path) -> None:
    file = tmp_path / "fleet.sqlite3"
    with opened_state(file) as state:
        for number in range(2):
            time.sleep(0.15)  # as one does that starts a process
            state.keep(f"m{number}", OUTCOME)
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reader:
                found = reader.execute("SELECT count(*) FROM outcomes").fetchone()
            assert found == (number + 1,)


def test_content_is_what_tells_models_apart_and_nothing_is_read_twice(fleet: Fleet) -> None:
    folder = fleet.add("a")
    old = time.time() - 60
    for file in folder.iterdir():
        os.utime(file, (old, old))
    known: dict[tuple[str, str], str] = {}

    class Remembered:
        def content(self, place: str, looks: str) -> str | None:
            return known.get((place, looks))

        def remember(self, place: str, looks: str, content: str) -> None:
            known[place, looks] = content

    first = content_of(folder, Remembered())
    assert known == {}  # its inodes were changed just now
    assert first == content_of(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_bytes(b"")
    assert content_of(folder) == first
    copy = shutil.copytree(folder, fleet.root / "b")
    assert content_of(copy) == first
    (copy / "model.pkl").write_bytes(b"\x80\x05N/")
    assert content_of(copy) != first


def test_a_change_of_the_same_size_and_time_is_seen(fleet: Fleet, tmp_path: Path) -> None:
    model = fleet.add("a")
    inspect(fleet)
    time.sleep(2.1)
    inspect(fleet)  # now its looks are known
    before = (model / "requirements.txt").stat()
    (model / "requirements.txt").write_text("numpy==1.26.5\nscikit-learn==1.5.2\n")
    os.utime(model / "requirements.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert inspect(fleet).earlier == 0


SLOW = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from slow_fleet import go
go(Path({root!r}), Path({state!r}), Path({log!r}))
"""
# A task of ours that takes its time, and notes each model that it does.
SLOW_TASK = """
import os, time
from dataclasses import dataclass
from functools import partial
from modelenv.fleet.places.find import find_models
from modelenv.fleet.state.outcome import ModelOutcome
from modelenv.fleet.work.going import FleetRun, go_through
from modelenv.fleet.work.threads import in_threads
from modelenv.fleet.work.unit import UnitSizes

@dataclass(frozen=True)
class Slow:
    log: str
    name = "slow"
    writes = False
    sizes = UnitSizes(4, 4)
    def said(self):
        return {}
    def pins(self, folder):
        return "p"
    def run(self, unit, stopped):
        for model in unit.models:
            if stopped():
                return
            time.sleep(0.01)
            while os.path.exists(self.log + ".hold") and model.name == "m0020":
                time.sleep(0.01)
            with open(self.log, "a") as log:
                log.write(f"{model.name}\\n")
            yield ModelOutcome(path=str(model), status="done", good=True)

def go(root, state, log):
    engine = partial(in_threads, jobs=2, report=print)
    run = FleetRun(engine=engine, jobs=2, state=state)
    report = go_through(Slow(str(log)), find_models(root), run)
    print(report.total, report.earlier, flush=True)
"""


@pytest.fixture
def slow(fleet: Fleet, tmp_path: Path) -> Any:
    """Return what starts a run that takes its time, and the log of what it does."""
    (tmp_path / "slow_fleet.py").write_text(SLOW_TASK)
    log, state = tmp_path / "log", tmp_path / "slow.sqlite3"
    script = SLOW.format(tests=str(tmp_path), root=str(fleet.root), state=str(state), log=str(log))

    def start() -> subprocess.Popen[str]:
        words = [sys.executable, "-c", script]
        return subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )

    return start, log, state


def lines(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def wait_for(log: Path, count: int) -> None:
    limit = time.monotonic() + 60
    while len(lines(log)) < count:
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_a_run_that_is_killed_is_gone_on_with(slow: Any, fleet: Fleet) -> None:
    fleet.many(120)
    start, log, _ = slow
    for goal in (1, 60):
        run = start()
        wait_for(log, goal)
        run.kill()
        run.communicate()
    out, err = start().communicate(timeout=60)
    assert out.split() == ["120", out.split()[1]], err
    assert {*lines(log)} == {f"m{number:04d}" for number in range(120)}
    out, _ = start().communicate(timeout=60)
    assert out.split() == ["120", "120"]


@pytest.mark.slow
def test_little_is_done_twice_over_a_kill(slow: Any, fleet: Fleet) -> None:
    fleet.many(300)
    start, log, _ = slow
    run = start()
    wait_for(log, 250)
    run.kill()
    run.communicate()
    out, _ = start().communicate(timeout=60)
    # What was done in the second before the kill, by two threads, is done again.
    assert int(out.split()[1]) > 0
    assert len(lines(log)) < 300 + 250


def test_who_interrupts_loses_nothing(slow: Any, fleet: Fleet) -> None:
    fleet.many(120)
    start, log, _ = slow
    run = start()
    wait_for(log, 20)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert "KeyboardInterrupt" in err
    assert "stopping" in out
    done = len(lines(log))
    assert done < 120
    out, _ = start().communicate(timeout=60)
    assert out.split() == ["120", str(done)]
    assert len(lines(log)) == 120


def test_two_runs_at_once_do_nothing_twice(slow: Any, fleet: Fleet) -> None:
    fleet.many(100)
    start, log, state = slow
    hold = log.with_name(f"{log.name}.hold")
    hold.touch()
    first = start()
    wait_for(log, 5)
    _, err = start().communicate(timeout=60)
    hold.unlink()
    assert "FleetBusyError" in err
    assert f"process {first.pid} on " in err
    assert str(state) in err
    first.communicate(timeout=60)
    assert sorted(lines(log)) == sorted({*lines(log)})
    assert len(lines(log)) == 100


def test_who_holds_a_state_is_named_and_it_is_free_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "below" / "state"
    with opened_state(file) as state:
        state.keep("k", OUTCOME)
        with pytest.raises(FleetBusyError) as busy, opened_state(file):
            raise AssertionError
        assert f"process {os.getpid()}" in str(busy.value)
    with opened_state(file) as state:
        found = state.outcome("k")
    assert found is not None
    assert (found.status, found.earlier, found.result) == ("whole", True, {"a": 1})
    assert file.stat().st_mode & 0o077 == 0


def sqlite_of_another(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE runs (id TEXT)")
    connection.close()


def later_version(file: Path) -> None:
    with opened_state(file):
        pass
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def damaged(file: Path) -> None:
    with opened_state(file) as state:
        for number in range(200):
            state.keep(f"{number:032x}", OUTCOME)
    data = bytearray(file.read_bytes())
    data[4096 : 4096 * 3] = b"\x55" * 8192
    file.write_bytes(data)


def cut(file: Path) -> None:
    damaged(file)
    file.write_bytes(file.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: file.write_text("a,b\n"), "is not the state of a fleet"),
        (lambda file: file.write_text("{}"), "is not the state of a fleet"),
        (sqlite_of_another, "is a database of something else"),
        (later_version, "is of another version of modelenv"),
        (damaged, "is damaged"),
        (cut, "is damaged"),
        (lambda file: file.mkdir(), "is a folder"),
    ],
)
def test_another_s_file_is_named_and_stays_as_it_is(
    fleet: Fleet, tmp_path: Path, make: Any, said: str
) -> None:
    fleet.add("a")
    file = tmp_path / "state.sqlite3"
    make(file)
    before = file.read_bytes() if file.is_file() else b""
    with pytest.raises(StateFileError) as refused:
        inspect(fleet, state=file)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)
    assert "state=" in str(refused.value)
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_an_empty_file_becomes_a_state(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("a")
    (tmp_path / "state").touch()
    assert inspect(fleet, state=tmp_path / "state")


def test_a_result_that_is_too_long_is_cut_and_stays_json(tmp_path: Path) -> None:
    long = ModelOutcome(
        path="m", status="fails", good=False, result={"detail": "x" * 100_000, "why": "it is"}
    )
    with opened_state(tmp_path / "state") as state:
        state.keep("k", long)
        found = state.outcome("k")
    assert found is not None
    assert found.result == {"why": "it is", "left_out": ["detail"]}
    json.dumps(found.to_json())


@pytest.mark.slow
def test_a_state_is_whole_after_a_kill_at_any_moment(slow: Any, fleet: Fleet) -> None:
    fleet.many(400)
    start, log, state = slow
    chance = random.Random(0)
    for _ in range(40):
        run = start()
        time.sleep(chance.uniform(0.05, 1.5))
        run.kill()
        run.communicate()
        if state.exists() and state.stat().st_size:
            with opened_state(state):
                pass
    out, err = start().communicate(timeout=120)
    assert out.split()[0] == "400", err
    assert len({*lines(log)}) == 400
