"""A run leaves nothing behind: no process, whatever it started, and no more memory than allowed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from modelenv.worker import process
from modelenv.worker.errors import WrongInterpreterError
from modelenv.worker.process import Interpreter
from modelenv.worker.processes import tree as process_tree
from modelenv.worker.verdict import Repeatability, judge

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes show their environment")

DAEMON = """
import os, pathlib, subprocess, sys, time
code = "import time; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
pathlib.Path({pids!r}).write_text(str(child.pid))
{then}
"""


@linux
@pytest.mark.parametrize("then", ["return 1", "os._exit(0)", "time.sleep(60)", "os.abort()"])
def test_a_child_in_a_session_of_its_own_is_ended_too(
    bench: Any, ends: Any, tmp_path: Path, then: str
) -> None:
    pids = tmp_path / "pids"
    body = DAEMON.format(pids=str(pids), then=then)
    _ = bench.cut_off(body, pids) if "sleep" in then else bench.run(body)
    assert ends(int(pids.read_text()))


STRIPPED = """
import os, pathlib, subprocess, sys, time
code = "import time; time.sleep(60)"
command = [sys.executable, "-c", code]
child = subprocess.Popen(command, start_new_session=True, env={{}})
pathlib.Path({pids!r}).write_text(str(child.pid))
{then}
"""


@linux
@pytest.mark.parametrize("then", ["return 1", "raise ValueError", "time.sleep(60)"])
def test_a_child_without_the_mark_is_ended_too(
    bench: Any, ends: Any, tmp_path: Path, then: str
) -> None:
    pids = tmp_path / "pids"
    body = STRIPPED.format(pids=str(pids), then=then)
    _ = bench.cut_off(body, pids) if "sleep" in then else bench.run(body)
    assert ends(int(pids.read_text()))


@linux
def test_a_worker_within_a_worker_is_ended_with_it(bench: Any, ends: Any, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    inner = bench.job(DAEMON.format(pids=str(pids), then="time.sleep(60)"))
    file = tmp_path / "inner.json"
    (tmp_path / "inner.jsonl").touch()
    inner.write(file, tmp_path / "inner.jsonl")
    body = f"""
    import os, subprocess, sys
    command = [sys.executable, {str(process.WORKER)!r}, {str(file)!r}]
    environment = {{**os.environ, "MODELENV_RUN": os.environ["MODELENV_RUN"] + " inner"}}
    worker = subprocess.Popen(command, start_new_session=True, env=environment)
    while not os.path.exists({str(pids)!r}):
        pass
    return 1
    """
    outer = type(bench)(tmp_path / "outer")
    assert outer.run(body).report.done
    assert ends(int(pids.read_text()))


@linux
def test_memory_is_limited_where_it_is_asked_for(bench: Any) -> None:
    body = "return len(bytearray(400_000_000))"
    assert bench.run(body).report.done
    failure = bench.run(body, memory=200_000_000).report.failure
    assert (failure.stage, failure.type) == ("predict", "MemoryError")


@linux
@pytest.mark.parametrize("piece", [1_000, 1 << 16])
def test_where_no_memory_is_left_to_tell_of_it_it_is_told(bench: Any, piece: int) -> None:
    body = f"kept = []\nwhile True:\n    kept.append(bytearray({piece}))"
    failure = bench.run(body, memory=120_000_000).report.failure
    assert (failure.stage, failure.type) == ("predict", "MemoryError")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "killed by SIGSEGV while pred"),
        ("import os\nos._exit(3)", "ended its process with exit code 3 while predicting"),
        ("import time\ntime.sleep(60)", "did not end within 0.5 s while predicting"),
    ],
)
def test_a_death_is_named_with_what_was_being_done(
    bench: Any, tmp_path: Path, body: str, said: str
) -> None:
    mark = tmp_path / "mark"
    marked = f"open({str(mark)!r}, 'w').write('predicts')\n{body}"
    ended = bench.cut_off(marked, mark, limit=0.5) if "sleep" in body else bench.run(body)
    verdict = judge(ended, "here", Repeatability())
    assert verdict.status == "fails"
    assert said in verdict.reason


def test_an_interpreter_that_is_another_is_refused(bench: Any, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    meant = Interpreter(executable=program, prefix=Path(sys.prefix))
    with pytest.raises(WrongInterpreterError, match="not in"):
        bench.run("return 1", interpreter=meant)


def test_an_interpreter_that_comes_up_elsewhere_is_refused(bench: Any, tmp_path: Path) -> None:
    meant = Interpreter(executable=Path(sys.executable), prefix=tmp_path / "environment")
    with pytest.raises(WrongInterpreterError, match="not in"):
        bench.run("return 1", interpreter=meant)


@linux
@pytest.mark.parametrize("then", ["return 1", "raise ValueError", "time.sleep(60)"])
def test_where_no_descriptor_stands_for_a_process_it_ends_likewise(
    bench: Any, ends: Any, tmp_path: Path, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(pid: int, flags: int = 0) -> int:
        raise OSError(errno.ENOSYS, "this Linux has none")

    if sys.version_info >= (3, 15):  # whose subprocess asks for it where it was there at the start
        monkeypatch.setattr(os, "pidfd_open", lacking)
    else:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    pids = tmp_path / "pids"
    body = STRIPPED.format(pids=str(pids), then=then)
    ended = bench.cut_off(body, pids) if "sleep" in then else bench.run(body)
    assert ended.report.done == (then == "return 1")
    assert ends(int(pids.read_text()))


@linux
def test_a_forked_child_that_goes_on_forking_is_ended(
    bench: Any, ends: Any, tmp_path: Path
) -> None:
    """Each lives a moment only, and has another number than the last."""
    pids = tmp_path / "pids"
    body = f"""
    import os, time
    if not os.fork():
        os.setsid()
        for _ in range(500):
            if os.fork():
                os._exit(0)
            with open({str(pids)!r}, "a") as file:
                file.write(f"{{os.getpid()}}\\n")
            time.sleep(0.02)
    while not os.path.exists({str(pids)!r}):
        time.sleep(0.01)
    return 1
    """
    assert bench.run(body).report.done
    assert all(ends(int(pid)) for pid in pids.read_text().split())
    size = pids.stat().st_size
    time.sleep(0.2)
    assert pids.stat().st_size == size


@linux
def test_a_process_may_end_while_it_is_looked_at() -> None:
    for _ in range(300):  # each gap is some microseconds: a few of these meet it
        child = subprocess.Popen(["/bin/true"])
        waiting = threading.Thread(target=child.wait)
        waiting.start()
        while waiting.is_alive():
            assert process_tree.descendants(child.pid) == set()
        waiting.join()
