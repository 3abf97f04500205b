"""A program that works for us ends with us, and with it all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelenv.worker.processes.program import run_program

HOME = Path(__file__).parents[3]
SLEEPS = "import time; time.sleep(300)"
# It starts what leaves its group and forgets its variables, says so, and waits for it.
INSTALLER = f"""
import pathlib, subprocess, sys
words = [sys.executable, "-IS", "-c", {SLEEPS!r}, sys.argv[1]]
backend = subprocess.Popen(words, start_new_session=True, env={{}})
pathlib.Path(sys.argv[1]).touch()
backend.wait()
"""
PARENT = """
import sys
sys.path.insert(0, sys.argv[1])
from modelenv.worker.processes.program import run_program
run_program([sys.executable, "-IS", "-c", *sys.argv[2:]])
"""


def running(mark: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(mark) in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def wait(until: float, what: object) -> None:
    limit = time.monotonic() + until
    while not what() and time.monotonic() < limit:  # type: ignore[operator]
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_whoever_ends_us_ends_what_works_for_us(name: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    words = [sys.executable, "-c", PARENT, str(HOME), INSTALLER, str(mark)]
    parent = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    wait(60, mark.exists)
    assert len(running(mark)) >= 3
    parent.send_signal(getattr(signal, name))  # to it alone, not to its group
    assert parent.wait(60) != 0
    wait(30, lambda: not running(mark))
    assert running(mark) == []


def test_what_it_says_and_how_it_ended_is_told(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), os.environ['A']); print('no', file=sys.stderr); 1/0"
    variables = {**os.environ, "A": "a value"}
    ended = run_program([sys.executable, "-c", code], variables, tmp_path)
    assert ended.returncode == 1
    assert f"{tmp_path} a value" in ended.stdout.decode()
    assert "no" in ended.stdout.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
def test_what_it_leaves_behind_does_not_keep_us_waiting() -> None:
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])"
    began = time.monotonic()
    assert run_program([sys.executable, "-IS", "-c", code]).returncode == 0
    assert time.monotonic() - began < 10


def test_one_that_is_not_there_does_not_pass_for_done() -> None:
    try:
        code = run_program(["/nowhere/at all"]).returncode
    except OSError:  # nobody stands between
        code = 1
    assert code != 0
