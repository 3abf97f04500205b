"""However a model ends, the parent learns how, in time, and nothing of it stays."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.base.files.scratch import scratch_folder
from modelenv.worker import process
from modelenv.worker.process import Interpreter

posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks are POSIX's")

# What predict does, then how the run ends in words.
FAILURES = {
    "raises": ("raise ValueError('not so')", "ValueError: not so"),
    "raises nothing to read": (
        """
        class Mute(Exception):
            def __str__(self):
                raise RuntimeError
        raise Mute
        """,
        "Mute: (its message cannot be read: RuntimeError)",
    ),
    "raises surrogates": ("raise ValueError('\\ud800')", "ValueError: \ud800"),
    "raises from itself": ("error = ValueError('a'); raise error from error", "ValueError: a"),
    "misses a module of a strange name": (
        "raise ImportError('gone', name=object())",
        "ImportError: gone",
    ),
    "recurses": ("self.predict(data)", "RecursionError: maximum recursion depth exceeded"),
    "is interrupted": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "exits": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "returns to nobody": ("raise GeneratorExit", "GeneratorExit"),
}
DEATHS = {
    "leaves": ("import os; os._exit(7)", "ended its process with exit code 7"),
    "leaves as if all were well": ("import os; os._exit(0)", "ended its process with exit code 0"),
    "aborts": ("import os; os.abort()", "was killed by SIGABRT"),
    "crashes": ("import os; os.kill(os.getpid(), 11)", "was killed by SIGSEGV"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
}
# What does no harm to the prediction.
NUISANCES = {
    "prints": "print('x' * 5_000_000)",
    "prints no text": "import os; os.write(2, bytes(range(256)) * 1000)",
    "moves": "import os; os.chdir('/')",
    "closes what it prints to": "import sys; sys.stdout.close(); sys.stderr.close()",
    "closes the standard streams": "import os; os.closerange(0, 3)",
    "closes all descriptors": "import os; os.closerange(0, 1000)",
    "writes to all descriptors": """
        import os
        for fd in range(1, 100):
            try:
                os.write(fd, b'\\xff{"event": "done"}')
            except OSError:
                pass
    """,
    "leaves a daemon thread": """
        import threading, time
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    """,
    "forgets the path": "import sys; sys.path.clear(); sys.meta_path.clear()",
    "has a prediction of its own when it ends": "import atexit; atexit.register(print, 'bye')",
    "forks a child that exits": "import os, sys; os.fork() or sys.exit(5); os.wait()",
    "forks a child that raises": "import os; os.fork() or 1 / 0; os.wait()",
    "forks a child that returns": "import os; os.fork(); os.getpid()",
}


@pytest.mark.parametrize("what", FAILURES)
def test_what_a_model_raises_is_reported_with_its_stage(what: str, bench) -> None:
    body, message = FAILURES[what]
    ended = bench.run(body)
    failure = ended.report.failure
    assert failure is not None
    assert (failure.stage, str(failure)) == ("predict", message)
    assert "own_model.py" in failure.detail
    assert "worker.py" not in failure.detail
    assert (ended.death, ended.timed_out) == (None, False)


@posix
@pytest.mark.parametrize("what", DEATHS)
def test_a_process_that_dies_is_told_from_one_that_answers(what: str, bench) -> None:
    body, death = DEATHS[what]
    ended = bench.run("print('the last words', flush=True); " + body)
    assert (ended.report.stage, ended.death) == ("predict", death)
    assert "the last words" in ended.output
    assert not ended.timed_out


@posix
@pytest.mark.parametrize("what", NUISANCES)
def test_what_else_a_model_does_costs_nobody_the_answer(what: str, bench) -> None:
    body = "\n".join(line.removeprefix("        ") for line in NUISANCES[what].splitlines())
    ended = bench.run(f"{body}\nreturn data + 1", repeat=True, expected=bench.recorded(3))
    assert ended.report.done, ended
    assert (ended.death, ended.report.failure) == (None, None)
    assert ended.compared.equal == "exactly"


def test_a_model_that_hangs_is_ended_at_its_time(bench, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    body = f"import time; open({str(mark)!r}, 'w').write('hangs'); time.sleep(100_000)"
    ended = bench.cut_off(body, mark, limit=0.25)
    assert ended.timed_out
    assert (ended.report.stage, ended.death) == ("predict", "did not end within 0.25 s")


@pytest.mark.slow
def test_a_thread_that_stays_does_not_hold_up_the_answer(bench) -> None:
    """There is no limit, so whatever ends it, that is not one."""
    body = "import threading; threading.Thread(target=threading.Event().wait).start()"
    ended = bench.run(f"{body}\nreturn 1", timeout=math.inf)
    assert (ended.report.done, ended.timed_out, ended.death) == (True, False, None)


def test_only_the_end_of_what_was_printed_is_kept(bench) -> None:
    ended = bench.run("print('x' * 3_000_000 + 'the end')")
    assert ended.output.endswith("the end\n")
    assert len(ended.output) < 200_000


@posix
@pytest.mark.parametrize("then", ["return 1", "raise ValueError", "os._exit(1)", "time.sleep(600)"])
@pytest.mark.parametrize(
    "start",
    [
        "pid = os.fork() or time.sleep(600)",
        "pid = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid",
        "pid = subprocess.Popen(['sh', '-c', 'sleep 600 & wait']).pid",
    ],
    ids=["a fork", "a program", "a program with a child"],
)
def test_no_child_of_the_model_outlives_it(
    start: str, then: str, bench, ends: Callable[[int], bool], tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    imports = "import os, subprocess, sys, time"
    body = f"{imports}\n{start}\nopen({str(note)!r}, 'w').write(str(pid))\n{then}"
    ended = bench.cut_off(body, note) if "sleep" in then else bench.run(body)
    assert ends(int(note.read_text()))
    assert ended.report.done == (then == "return 1")


@posix
def test_a_child_that_left_the_group_holds_up_nothing(
    bench, ends: Callable[[int], bool], tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    before = threading.active_count()
    ended = bench.run(
        "import subprocess, sys\n"
        "code = 'import time; time.sleep(100_000)'\n"
        "child = subprocess.Popen([sys.executable, '-c', code], start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "return 1",
        timeout=math.inf,
    )
    assert ended.report.done
    assert ends(int(note.read_text()))
    limit = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < limit:
        time.sleep(0.02)
    assert threading.active_count() <= before


@posix
def test_a_worker_that_is_not_waited_for_ends_with_its_block(
    bench, ends: Callable[[int], bool], tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    job = bench.job(
        f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    )
    interpreter = Interpreter(executable=Path(sys.executable))
    with scratch_folder() as folder, process.start(job, interpreter, folder):
        while not note.exists() or not note.read_text():
            time.sleep(0.02)
    assert ends(int(note.read_text()))


def test_a_model_runs_in_a_new_empty_folder(bench) -> None:
    ended = bench.run("import os; return os.listdir()", expected=bench.recorded([]))
    assert ended.compared.equal == "exactly"


def test_or_in_the_one_that_is_named(bench, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    interpreter = Interpreter(executable=Path(sys.executable), folder=tmp_path / "here")
    expected = bench.recorded(str(tmp_path / "here"))
    ended = bench.run("import os; return os.getcwd()", interpreter=interpreter, expected=expected)
    assert ended.compared.equal == "exactly"


def test_it_reads_nothing_from_the_terminal(bench) -> None:
    ended = bench.run("import sys; return sys.stdin.read()", expected=bench.recorded(""))
    assert ended.compared.equal == "exactly"


@posix
def test_an_interpreter_that_cannot_be_started_is_named(bench, tmp_path: Path) -> None:
    for file in (tmp_path / "absent", tmp_path):
        with pytest.raises(WrongUseError, match="cannot be started"):
            bench.run("return 1", interpreter=Interpreter(executable=file))


def test_a_program_that_is_no_python_ends_at_the_start(bench) -> None:
    python = Path("/bin/echo")
    if not python.exists():
        pytest.skip("there is no echo")
    ended = bench.run("return 1", interpreter=Interpreter(executable=python))
    assert (ended.report.stage, ended.death) == ("start", "ended its process with exit code 0")
