"""A sealed process ends as it would without, hears signals, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Author, Runs

MARK = "MODELENV_TEST_MARK"

LEAVES_PROCESSES = """
import subprocess, sys
sleeper = "import time; time.sleep(300)"
subprocess.Popen([sys.executable, "-c", sleeper])
subprocess.Popen([sys.executable, "-c", sleeper], start_new_session=True)
"""


@pytest.fixture
def mark() -> str:
    """A variable by which all that a run started is found."""
    return uuid.uuid4().hex


def marked(mark: str) -> set[int]:
    """Return the processes that bear the mark, in whatever namespace."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue
    return found


def end_of(mark: str, seconds: float = 60.0) -> bool:
    """Tell whether no process with the mark is left, after a while."""
    limit = time.monotonic() + seconds
    while marked(mark) and time.monotonic() < limit:
        time.sleep(0.02)
    return not marked(mark)


def mounts() -> str:
    return Path("/proc/self/mountinfo").read_text()


def wait_for(path: Path) -> None:
    limit = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < limit, path
        time.sleep(0.01)


@pytest.mark.parametrize("code", [0, 1, 3, 120, 255])
def test_the_exit_code_is_the_program_s(sealed: Runs, code: int) -> None:
    assert sealed.run(f"import os; os._exit({code})").code == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_signal_that_kills_it_is_told(sealed: Runs, number: int) -> None:
    assert sealed.run(f"import os; os.kill(os.getpid(), {int(number)})").code == -number


def test_what_it_prints_is_passed_on(sealed: Runs) -> None:
    ended = sealed.run("import sys; print('out', flush=True); print('err', file=sys.stderr)")
    assert ended.output.split() == ["out", "err"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_to_the_starter_reaches_it(author: Author, sealed: Runs, number: int) -> None:
    code = f"""
    import pathlib, signal, sys, time
    def heard(number, frame):
        print("heard", number)
        sys.exit(7)
    signal.signal({int(number)}, heard)
    pathlib.Path("ready").write_text("")
    time.sleep(60)
    """
    with sealed.start(code) as process:
        wait_for(author.root / "run-0" / "folder" / "ready")
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output.split()) == (7, ["heard", str(int(number))])


def test_what_it_leaves_behind_ends_with_it(sealed: Runs, mark: str) -> None:
    ended = sealed.run(LEAVES_PROCESSES, variables={MARK: mark})
    assert ended.code == 0, ended.output
    assert end_of(mark)


def test_the_starter_has_neither_its_variables_nor_its_folder(author: Author, sealed: Runs) -> None:
    """They are of a folder that may be a stranger's, and the starter is in no seal."""
    code = """
    import os, pathlib, time
    pathlib.Path("told").write_bytes(os.environb[b"OWN"])
    os.rename("told", "ready")
    time.sleep(300)
    """
    own = {"OWN": "ä\n=1", "PATH": "/own", "TZ": "own"}
    with sealed.start(code, variables=own) as process:
        ready = author.root / "run-0" / "folder" / "ready"
        wait_for(ready)
        starter = Path(f"/proc/{process.pid}")
        variables = (starter / "environ").read_bytes()
        assert (starter / "cwd").readlink() == Path.cwd()
        process.kill()
    assert ready.read_bytes() == os.fsencode("ä\n=1")
    assert not [name for name, value in own.items() if os.fsencode(f"{name}={value}") in variables]


def test_killing_the_starter_ends_all(author: Author, sealed: Runs, mark: str) -> None:
    code = "import pathlib, time; pathlib.Path('ready').write_text(''); time.sleep(300)"
    with sealed.start(code, variables={MARK: mark}) as process:
        wait_for(author.root / "run-0" / "folder" / "ready")
        process.kill()
    assert end_of(mark)


# A process that starts a sealed run from a thread which ends at once, as one of a pool may.
PARENT = """
import json, subprocess, sys, threading, time
sys.path[:0] = json.loads(sys.argv[3])
from modelenv.seal.command import command
from modelenv.seal.plan import SealPlan
from modelenv.seal.seals import Seal
from pathlib import Path
plan, program, scratch, kind, own = json.loads(sys.argv[1])
plan = SealPlan(**{key: tuple(v) if isinstance(v, list) else v for key, v in plan.items()})
seal = Seal(kind=kind, own_processes=own)
started = []
def start():
    line = command(seal, plan, program, Path(scratch))
    started.append(subprocess.Popen(line, env=plan.environment, cwd=plan.folder))
thread = threading.Thread(target=start)
thread.start()
thread.join()
if sys.argv[2] == "wait":
    sys.exit(started[0].wait())
time.sleep(300)
"""


@pytest.fixture
def parent(author: Author, sealed: Runs, mark: str) -> ParentProcess:
    """Start processes that start sealed runs."""
    return ParentProcess(author, sealed, mark)


class ParentProcess:
    def __init__(self, author: Author, sealed: Runs, mark: str) -> None:
        self.author, self.sealed, self.mark = author, sealed, mark

    def start(self, code: str, *, word: str) -> tuple[subprocess.Popen[str], Path]:
        """Start one; return it and the folder of its run."""
        import json
        from dataclasses import asdict

        from modelenv.seal.command import fit

        scratch = self.author.root / f"run-{self.author.runs}"
        self.author.runs += 1
        scratch.mkdir()
        seal = self.sealed.seal
        plan = fit(self.author.plan(scratch, variables={MARK: self.mark}), seal, scratch)
        program = [str(self.author.python), "-c", textwrap.dedent(code)]
        given = json.dumps([asdict(plan), program, str(scratch), seal.kind, seal.own_processes])
        line = [sys.executable, "-c", PARENT, given, word, json.dumps(sys.path)]
        return subprocess.Popen(line, text=True), scratch / "folder"


def test_a_run_outlives_the_thread_that_started_it(parent: ParentProcess) -> None:
    process, _ = parent.start("import time, os; time.sleep(0.5); os._exit(9)", word="wait")
    assert process.wait(timeout=60) == 9


SLEEPS = f"""
import pathlib, time
{LEAVES_PROCESSES}
pathlib.Path("ready").write_text("")
time.sleep(300)
"""


def killed_parents(parent: ParentProcess, times: int) -> None:
    before = mounts()
    for _ in range(times):
        process, folder = parent.start(SLEEPS, word="stay")
        wait_for(folder / "ready")
        assert len(marked(parent.mark)) >= 4
        process.kill()
        process.wait()
        assert end_of(parent.mark)
    assert mounts() == before


def sealed_runs(author: Author, sealed: Runs, mark: str, times: int) -> None:
    before = mounts()
    for _ in range(times):
        ended = sealed.run(
            "import os; os.makedirs(os.path.expanduser('~/x')); print('ran')",
            variables={MARK: mark},
        )
        assert ended.output == "ran\n"
    assert end_of(mark)
    assert mounts() == before
    assert not list(author.home.iterdir())
    assert not list((author.root / "temporary").iterdir())


def test_runs_leave_nothing(author: Author, sealed: Runs, mark: str) -> None:
    sealed_runs(author, sealed, mark, 20)


def test_a_killed_parent_leaves_nothing(parent: ParentProcess) -> None:
    killed_parents(parent, 5)


@pytest.mark.slow
def test_a_thousand_runs_leave_nothing(author: Author, sealed: Runs, mark: str) -> None:
    sealed_runs(author, sealed, mark, 1000)


@pytest.mark.slow
def test_a_hundred_killed_parents_leave_nothing(parent: ParentProcess) -> None:
    killed_parents(parent, 100)


def test_a_parent_that_is_gone_before_it_began(author: Author, sealed: Runs, mark: str) -> None:
    scratch = author.root / "run-gone"
    scratch.mkdir()
    from modelenv.seal.command import command, fit

    plan = fit(author.plan(scratch, variables={MARK: mark}), sealed.seal, scratch)
    line = command(sealed.seal, plan, [str(author.python), "-c", "print('ran')"], scratch)
    line[line.index(str(os.getpid()))] = "999999999"  # as if it had been taken over by another
    ended = subprocess.run(line, env=dict(plan.environment), capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == b""
    assert end_of(mark)
