"""A child is never forgotten, and how it ended is known where anybody can know it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelenv.worker.processes.child import ChildProcess
from modelenv.worker.verdict import Repeatability, judge

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere is no starter")
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def interrupted() -> Iterator[Callable[[float], None]]:
    """Return a function that has this thread interrupted after some seconds."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # what it calls in other libraries cannot be interrupted

    def after(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)

    yield after
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    gc.enable()


def children() -> set[int]:
    """Return the living children of this process."""
    told = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(each) for each in told}


@LINUX
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as Python has it
def test_an_interrupt_at_any_moment_of_a_start_leaves_no_child(
    interrupted: Callable[[float], None],
) -> None:
    left = []
    for _ in range(5):
        descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        start_and_interrupt(interrupted)
        gc.collect()  # the pipes of those that were interrupted
        left.append(len(os.listdir("/proc/self/fd")) - descriptors)  # noqa: PTH208
        if left[-1] <= 0:
            break
    # An interrupt as `os.pipe` returns leaves the two that it made, which is Python's: of sixty
    # starts that may be one or two where the machine is busy.
    assert min(left) <= 4


def start_and_interrupt(interrupted: Callable[[float], None]) -> None:
    before, hit = children(), 0
    for step in range(60):
        child = ChildProcess(is_starter=False)
        try:
            interrupted(0.0001 + step * 0.0001)
            child.start(SLEEP, stdin=subprocess.DEVNULL)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            hit += 1
        except RuntimeError as error:  # of `threading`, where a lock was just to be taken again
            if not isinstance(error.__context__, KeyboardInterrupt):
                raise
            hit += 1
        finally:
            child.end()
            child.bury()
    assert hit
    limit = time.monotonic() + 60
    while children() - before and time.monotonic() < limit:
        time.sleep(0.01)
    assert children() <= before


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    child = ChildProcess(is_starter=False)
    with pytest.raises(FileNotFoundError):
        child.start([str(tmp_path / "absent")])
    child.end()
    assert child.bury() is None
    assert not child.was_started


def _reap(*_: object) -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


HANDLERS: dict[str, Any] = {"ignored": signal.SIG_IGN, "reaped": _reap}


@pytest.fixture(params=HANDLERS)
def nobody_waits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the children of this process buried before anybody asks how they ended."""
    before = signal.signal(signal.SIGCHLD, HANDLERS[request.param])
    yield
    signal.signal(signal.SIGCHLD, before)


@pytest.mark.usefixtures("nobody_waits")
@LINUX
def test_who_was_buried_by_another_is_not_said_to_have_ended_well() -> None:
    child = ChildProcess(is_starter=False)
    child.start([sys.executable, "-c", "raise SystemExit(3)"])
    assert child.ended_within(30)
    limit = time.monotonic() + 60
    while Path(f"/proc/{child.pid}").exists() and time.monotonic() < limit:
        time.sleep(0.01)
    child.end()
    assert child.bury() is None


@pytest.mark.usefixtures("nobody_waits")
@LINUX
def test_a_starter_says_how_a_run_ended_whose_end_nobody_saw(bench: Any) -> None:
    assert bench.run("import os; os._exit(3)").code == 3
    ended = bench.run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert ended.code == -signal.SIGSEGV
    assert judge(ended, "a world", Repeatability()).notes == ()


@LINUX
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_a_starter_that_the_model_killed_is_told(bench: Any, number: int) -> None:
    ended = bench.run(f"import os, time; os.kill(os.getppid(), {int(number)}); time.sleep(60)")
    assert "its starter was killed" in "".join(judge(ended, "a world", Repeatability()).notes)
