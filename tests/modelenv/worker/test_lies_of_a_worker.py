"""Whatever a worker says, the answer is a verdict, in time, and nobody else is harmed by it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.files.scratch import scratch_folder
from modelenv.worker import process
from modelenv.worker.errors import WrongInterpreterError
from modelenv.worker.job import Ended
from modelenv.worker.process import Interpreter
from modelenv.worker.processes import tree
from modelenv.worker.processes.tree import KnownProcess
from modelenv.worker.report.events import EVENTS, nonsense_of
from modelenv.worker.report.report_file import ReportBounds, ReportFile
from modelenv.worker.verdict import Repeatability, judge

posix = pytest.mark.skipif(os.name != "posix", reason="a script is a program only there")
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are shown only there")

# A program that is started as a Python that runs a worker, and is none.
LIAR = """#!{python} -IS
import json, os, sys, time
job = json.load(open(sys.argv[-1]))
report, prediction = job["results"], job["output"]
def write(data):
    fd = os.open(report, os.O_WRONLY | os.O_APPEND)
    os.write(fd, data)
    os.close(fd)
def say(event, **values):
    write((json.dumps({{"event": event, **values}}) + "\\n").encode())
def hello(**other):
    us = dict(executable=sys.executable, prefix=sys.prefix, version=sys.version)
    say("hello", **{{**us, **other}})
def done():
    say("done", load=0.1, predict=0.1)
def error(**other):
    words = dict(stage="predict", type="E", message="m", missing=[], traceback="t")
    say("error", **{{**words, **other}})
def compared(**other):
    say("compared", **{{"equal": "exactly", "largest": 0.0, "where": None, "what": None, **other}})
def dated(when):
    os.utime(report, (when, when))
def silence():
    time.sleep(600)
"""

# What a worker does, and what is said of it.
LIES = {
    # what it says
    "an error event without its keys, then silence": (
        "hello(); say('error'); silence()",
        "nonsense: 'error' lacks 'stage'",
    ),
    "an error in no stage": ("hello(); error(stage='x')", "the 'stage' of 'error' is 'x'"),
    "an error of a type that is none": ("hello(); error(type=7)", "'type' of 'error' is a number"),
    "a message that is a list": ("hello(); error(message=[])", "'message' of 'error' is a list"),
    "modules that are missing and no texts": (
        "hello(); error(missing=['cv2', 7])",
        "the 'missing' of 'error' is a list",
    ),
    "a traceback of 50 MB": ("hello(); error(traceback='x' * 50_000_000)", "er than any ("),
    "a traceback of 1 MB": (
        "hello(); error(traceback='x' * 1_000_000)",
        "the 'traceback' of 'error' is a text of 1,000,000 characters",
    ),
    "an example before the first": ("hello(); error(example=-1)", "'example' of 'error' is a num"),
    "an equality that is missing": (
        "hello(); say('compared', largest=0.0, where=None, what=None); done()",
        "'compared' lacks 'equal'",
    ),
    "an equality that is none": ("hello(); compared(equal=True); done()", "'compared' is True"),
    "a difference without a place": (
        "hello(); compared(equal='no'); done()",
        "the 'where' of 'compared' is None",
    ),
    "close, and nobody knows how close": (
        "hello(); compared(equal='closely', largest=None); done()",
        "the 'largest' of 'compared' is None",
    ),
    "a distance that is no number": (
        "hello(); compared(equal='closely', largest=float('nan')); done()",
        "the 'largest' of 'compared' is nan",
    ),
    "a distance that no float can hold": (
        "hello(); compared(equal='closely', largest=10 ** 400); done()",
        "the 'largest' of 'compared' is a number",
    ),
    "parts that are no lists": (
        "hello(); say('parts', equal='all', different=[]); done()",
        "the 'equal' of 'parts' is 'all'",
    ),
    "parts of a comparison that are half": (
        "hello(); compared(equal='no', where='a', what='b', parts=dict(equal=[])); done()",
        "the 'parts' of 'compared' is an object",
    ),
    "deep nesting": ("hello(); write(b'[' * 200 + b']' * 200 + b'\\n')", "is nested deeper"),
    "nesting that no parser follows": ("hello(); write(b'[' * 5000 + b'\\n')", "line 2 of it is n"),
    "bytes that are no UTF-8": ("hello(); write(b'\\xff\\n')", "line 2 of it is not UTF-8"),
    "no JSON": ("hello(); write(b'done\\n')", "line 2 of it is no JSON"),
    "an empty line": ("hello(); write(b'\\n')", "line 2 of it is no JSON"),
    "an integer of 5,000 digits": (
        "hello(); write(b'{\"event\": ' + b'7' * 5000 + b'}\\n')",
        "line 2 of it is no such JSON",
    ),
    "a list for an event": ("hello(); write(b'[]\\n')", "a line of it is a list, and no event"),
    "nothing for an event": ("hello(); write(b'null\\n')", "a line of it is None, and no event"),
    "an event without a name": ("hello(); write(b'{}\\n')", "an event of it is called None"),
    "an event that is named by a list": ("hello(); say([])", "an event of it is called a list"),
    "an event of no worker's": ("hello(); say('erased')", "an event of it is called 'erased'"),
    "processes to end that are no list": (
        "hello(); say('left', pids=7); done()",
        "an event of it is called 'left'",
    ),
    "a stage that nobody knows": ("hello(); say('stage', name='lunch')", "'stage' is 'lunch'"),
    "seconds that are a word": ("hello(); say('done', load='1', predict=1)", "of 'done' is '1'"),
    "time that ran backwards": ("hello(); say('done', load=-1, predict=1)", "'done' is a number"),
    "libraries that are an object": (
        "hello(); done(); say('mapped', libraries={})",
        "the 'libraries' of 'mapped' is an object",
    ),
    "an interpreter without a version": (
        "hello(); say('interpreter', executable='/x', base='/x', version='new', path=[], stdlib=[],"
        " markers={})",
        "the 'version' of 'interpreter' is 'new'",
    ),
    "a path with a null byte": ("hello(prefix='/a\\0b')", "the 'prefix' of 'hello' is '/a\\x00b'"),
    "a path with half a character": ("hello(prefix='/\\ud800')", "the 'prefix' of 'hello' is"),
    # in which order
    "two ends": ("hello(); done(); done()", "'done' comes twice"),
    "two other ends": ("hello(); error(); done()", "'done' comes after 'error'"),
    "an end that is taken back": ("hello(); done(); error()", "'error' comes after 'done'"),
    "a comparison after the end": ("hello(); done(); compared()", "'compared' comes after 'done'"),
    "two comparisons": (
        "hello(); compared(equal='no', where='a', what='b'); compared(); done()",
        "'compared' comes twice",
    ),
    "an end without a beginning": ("done()", "it begins with 'done'"),
    "two beginnings": ("hello(); hello(); done()", "'hello' comes twice"),
    # how much
    "a gigabyte": ("hello(); os.truncate(report, 1 << 30); silence()", "larger than any"),
    "more and more": (
        "hello()\nwhile True: say('stage', name='load')",
        "there are more than 1,000 lines of it",
    ),
    "one line of 9 MB": ("hello(); write(b'7' * 9_000_000); silence()", "is longer than any"),
    # what file
    "no report any more": ("hello(); os.unlink(report); silence()", "its report was removed"),
    "a folder for a report": (
        "os.unlink(report); os.mkdir(report); silence()",
        "its report was replaced by a folder",
    ),
    "a pipe for a report": (
        "os.unlink(report); os.mkfifo(report); silence()",
        "its report was replaced by a pipe",
    ),
    "a socket for a report": (
        "import socket; os.unlink(report); os.chdir(os.path.dirname(report))\n"
        "socket.socket(socket.AF_UNIX).bind('results.jsonl')",
        "its report was replaced by a socket",
    ),
    "a link to a device for a report": (
        "os.unlink(report); os.symlink('/dev/zero', report); silence()",
        "its report was replaced by a link",
    ),
    "a link to another file for a report": (
        "os.rename(report, report + '2'); os.symlink(report + '2', report); hello(); done()",
        "its report was replaced by a link",
    ),
    "another report": (
        "os.unlink(report); open(report, 'w').close(); hello(); done()",
        "its report was replaced by another file",
    ),
    "a report that is written anew": (
        "hello(); done(); time.sleep(3); os.truncate(report, 0); silence()",
        "its report was cut short",
    ),
    "a prediction outside its folder": (
        "hello(); say('output', type='pickle', file='/etc/passwd'); done()",
        "its prediction is '/etc/passwd'",
    ),
    "a prediction above its folder": (
        "hello(); say('output', type='json', file=prediction + '.json/../../x.json'); done()",
        "not where it was to be",
    ),
    "a prediction of another name": (
        "hello(); say('output', type='json', file=report); done()",
        "not where it was to be",
    ),
    "a prediction that is no path": (
        "hello(); say('output', type='json', file=7); done()",
        "the 'file' of 'output' is a number",
    ),
    # what it prints, and how it ends
    "a seal that failed": (
        "hello(); print('modelenv cannot seal: [Errno 1] unshare: no'); sys.stdout.flush();"
        " os._exit(120)",
        "it ended its process with exit code 120",
    ),
    "a program that could not be started": (
        "hello(); print('modelenv cannot start: [Errno 2] none: x'); sys.stdout.flush();"
        " os._exit(120)",
        "it ended its process with exit code 120",
    ),
    "half an event": ('hello(); write(b\'{"event": "done"\')', "ended its process with exit c"),
}


@pytest.fixture
def liar(tmp_path: Path, bench: Any) -> Liar:
    """Return a maker of workers that lie."""
    return Liar(tmp_path / "liar", bench)


class Liar:
    """A program in the place of an interpreter."""

    def __init__(self, program: Path, bench: Any) -> None:
        self._program = program
        self._bench = bench

    def run(self, body: str, timeout: float = 30.0, **meant: Any) -> Ended:
        """Have it do something, and return how it ended."""
        text = LIAR.format(python=sys.executable) + textwrap.dedent(body) + "\n"
        self._program.write_text(text, "utf-8")
        self._program.chmod(0o755)
        interpreter = Interpreter(executable=self._program, **meant)
        ended: Ended = self._bench.run("return 1", timeout=timeout, interpreter=interpreter)
        return ended


@posix
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_a_verdict_of_its_own(lie: str, liar: Liar) -> None:
    body, said = LIES[lie]
    threads, began = threading.active_count(), time.monotonic()
    ended = liar.run(body)
    assert time.monotonic() - began < 15
    assert said in str(ended.failure)
    assert not ended.timed_out
    verdict = judge(ended, "here", Repeatability())
    assert (verdict.status, len(str(verdict)) < 1000) == ("fails", True)
    assert not Repeatability.of(ended).deterministic
    limit = time.monotonic() + 60
    while threading.active_count() > threads and time.monotonic() < limit:
        time.sleep(0.02)
    assert threading.active_count() <= threads


@posix
@pytest.mark.slow
@pytest.mark.parametrize("when", [pytest.param(0, id="1970"), pytest.param(2**33, id="in 2242")])
def test_no_date_of_a_report_holds_up_its_answer(when: int, liar: Liar) -> None:
    ended = liar.run(f"hello(); compared(); done(); dated({when}); silence()", timeout=60)
    assert (ended.report.done, ended.timed_out, ended.seconds < 20) == (True, False, True)


@posix
def test_a_report_without_an_end_is_late(liar: Liar) -> None:
    ended = liar.run("hello(); dated(2 ** 33); silence()", timeout=1.0)
    assert (ended.timed_out, ended.death) == (True, "did not end within 1 s")


@posix
@pytest.mark.parametrize(
    "other", ["prefix='/usr/of/nobody'", "executable='/usr/of/nobody/python'", "prefix='x' * 9000"]
)
def test_an_interpreter_that_is_not_the_one_asked_for(other: str, liar: Liar) -> None:
    with pytest.raises(WrongInterpreterError, match="was discarded"):
        liar.run(f"hello({other}); compared(); done()", prefix=Path(sys.prefix))


@posix
def test_text_of_any_kind_is_kept_as_it_is(liar: Liar) -> None:
    ended = liar.run("hello(); error(message='\\x1b[31m\\ud800\\x07', traceback='\\u202e')")
    failure = ended.failure
    assert failure is not None
    assert (failure.message, failure.detail) == ("\x1b[31m\ud800\x07", "\u202e")


FIELDS = [(kind, key) for kind, checks in EVENTS.items() for key in checks]
# What no field is.
WRONG = (True, [7], {"a": [1]}, "x" * 200_000, ["x" * 200_000])


@pytest.mark.parametrize(("kind", "key"), FIELDS)
def test_every_field_is_held_against_the_table(kind: str, key: str, tmp_path: Path) -> None:
    output = tmp_path / "prediction"
    good: dict[str, object] = dict.fromkeys(EVENTS[kind], "1.2.3")
    good |= {name: [] for name in ("path", "stdlib", "missing", "libraries", "different")}
    good |= dict.fromkeys(("load", "predict", "largest"), 0.5)
    good |= {"stage": "load", "name": "load", "markers": {}, "values": {}, "file": f"{output}.json"}
    good |= {"event": kind, "equal": [] if kind == "parts" else "no"}
    before = [] if kind == "hello" else [{"event": "hello"}]
    assert nonsense_of(good, before, output) == ""
    without = {name: value for name, value in good.items() if name != key}
    assert nonsense_of(without, before, output) == f"{kind!r} lacks {key!r}"
    for wrong in WRONG:
        said = nonsense_of({**good, key: wrong}, before, output)
        assert said.startswith(f"the {key!r} of {kind!r} is ")


def test_a_report_is_read_as_it_grows(tmp_path: Path) -> None:
    file = tmp_path / "report"
    report = ReportFile(file, bounds=ReportBounds(bytes=500, line=200, events=4))
    hello = b'{"event": "hello", "executable": "/p", "prefix": "/", "version": "3"}\n'
    with file.open("ab", buffering=0) as stream:
        for place in range(0, len(hello), 9):
            assert report.read().events == ()
            stream.write(hello[place : place + 9])
        assert report.read().last("hello") is not None
        stream.write(b'{"event": "stage", "name": "load"}\n' * 3)
        assert report.read().stage == "load"
        stream.write(b'{"event": "stage", "name": "input"}\n')
        read = report.read()
    assert (read.stage, read.nonsense) == ("load", "there are more than 4 lines of it")
    report.close()


WHOLE = b"""\
{"event": "hello", "executable": "/p/bin/python", "prefix": "/p", "version": "3.11.7"}
{"event": "stage", "name": "predict"}
{"event": "output", "type": "json", "file": "/x/prediction.json"}
{"event": "compared", "equal": "no", "largest": null, "where": "prediction", "what": "1, not 2"}
{"event": "parts", "equal": ["prediction[0]"], "different": ["prediction[1]"]}
{"event": "done", "load": 0.25, "predict": 1e-05}
{"event": "mapped", "libraries": ["libc.so.6"]}
"""


def damaged(chance: random.Random) -> bytes:
    data = bytearray(WHOLE)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data))
        other = chance.choice([b"", b'"', b"[", b"}", b"null", b"\n", b"\xff", b"-1e999", WHOLE])
        data[place : place + chance.randrange(20)] = other
    return bytes(data)


def test_a_report_that_is_damaged_anywhere_is_a_verdict(tmp_path: Path) -> None:
    for seed in range(1000):
        file = tmp_path / str(seed)
        report = ReportFile(file, Path("/x/prediction"))
        file.write_bytes(damaged(random.Random(seed)))
        ended = Ended(report.read(), 0, False, "", 1.0)
        report.close()
        assert str(judge(ended, "here", Repeatability.of(ended))), seed


# -- Processes --------------------------------------------------------------------------------


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that has nothing to do with any run."""
    process = subprocess.Popen([sys.executable, "-IS", "-c", "import time; time.sleep(100)"])
    yield process
    process.kill()
    process.wait()


@posix
@pytest.mark.parametrize(
    "words", ["say('left', pids=[{}])", "say('stage', name='load', pids=[{}])"]
)
def test_a_process_that_a_worker_names_is_not_its_own(
    words: str, liar: Liar, bystander: subprocess.Popen[bytes]
) -> None:
    for number in (bystander.pid, 999_999_999, -1, 0, 1):
        liar.run(f"hello(); {words.format(number)}; done()")
    assert bystander.poll() is None


@linux
def test_a_later_process_of_the_same_number_is_spared(bystander: subprocess.Popen[bytes]) -> None:
    (known,) = (each for each in tree.descendants(os.getpid()) if each.number == bystander.pid)
    earlier = KnownProcess(known.number, known.began - 1)
    assert (known.lives, earlier.lives) == (True, False)
    tree.end([earlier, KnownProcess(999_999_999, 1)])
    assert bystander.poll() is None
    tree.end([known])
    assert bystander.wait(60) == -9
    tree.end([known])
    assert not known.lives


@linux
def test_a_mark_of_nobody_ends_nobody(bystander: subprocess.Popen[bytes]) -> None:
    assert tree.end_marked("0" * 32) == 0
    assert bystander.poll() is None


HUNTER = """
import os, signal, subprocess, sys, time
child = [sys.executable, "-IS", "-c", "import time; time.sleep(100)"]
daemon = subprocess.Popen(child, start_new_session=True, env={{}})
open({note!r}, "w").write(str(daemon.pid))
time.sleep(3)
os.kill(os.getppid(), signal.{signal})
time.sleep(100)
"""


@linux
@pytest.mark.parametrize("signal", ["SIGKILL", pytest.param("SIGSTOP", marks=pytest.mark.slow)])
def test_who_ends_or_stops_its_starter_is_ended_with_all_it_started(
    signal: str, bench: Any, ends: Any, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    ended = bench.run(HUNTER.format(note=str(note), signal=signal), timeout=6)
    assert ended.failure is not None
    assert ends(int(note.read_text()))


@linux
def test_what_it_prints_takes_no_memory(bench: Any) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ended = bench.run("import os\nfor _ in range(100): os.write(1, bytes(1_000_000))\nreturn 1")
    assert ended.report.done
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_run_that_is_never_waited_for_closes_its_report(bench: Any) -> None:
    with (
        scratch_folder() as folder,
        process.start(bench.job("return 1"), Interpreter(executable=Path(sys.executable)), folder),
    ):
        assert (folder / "results.jsonl").exists()
    assert not folder.exists()
