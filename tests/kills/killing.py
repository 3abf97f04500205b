"""Run something in a process of its own that is killed at some moment, and see what remains."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

# The interpreter tells an audit hook of each of these before it is done.
EVENTS = {
    *("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink"),
    *("os.chmod", "os.listdir", "os.scandir", "fcntl.flock", "subprocess.Popen"),
}
Work = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Course:
    """What something does where nobody kills it."""

    seconds: float
    events: int


@dataclass(frozen=True, slots=True)
class Moment:
    """When a process is killed: before so many events, or after a time."""

    event: int | None = None
    seconds: float | None = None

    @classmethod
    def drawn(cls, chance: random.Random, course: Course) -> Moment:
        """Draw a moment out of a course, by events and by time in turn."""
        if chance.random() < 0.5:
            return cls(event=chance.randrange(course.events))
        return cls(seconds=chance.uniform(0, course.seconds))


def course_of(work: Work, place: Path) -> Course:
    """Do something in a process of its own, to its end, and return how it went."""
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        counted = itertools.count()
        _watch(lambda: next(counted) < 0)
        _end_after(work, place, lambda: os.write(writing, str(next(counted)).encode()))
    os.close(writing)
    with os.fdopen(reading) as told:
        events = told.read()
    assert _ended(child) == 0, place
    return Course(time.monotonic() - began, int(events))


def kill(work: Work, place: Path, moment: Moment) -> bool:
    """Do something in a process that is killed at a moment; return whether it was.

    It fails where the process ended by itself, but not well.
    """
    child = os.fork()
    if child == 0:
        if moment.event is not None:
            left = iter(range(moment.event))
            _watch(lambda: next(left, None) is None)
        _end_after(work, place)
    if moment.seconds is not None:
        time.sleep(moment.seconds)
        os.kill(child, signal.SIGKILL)  # who has ended is not buried yet: it is still this one
    code = _ended(child)
    assert code in (0, -signal.SIGKILL), (place, moment)
    return code != 0


def whole_run(work: Work, place: Path) -> None:
    """Do something in a process of its own, to its end."""
    child = os.fork()
    if child == 0:
        _end_after(work, place)
    assert _ended(child) == 0, place


def left_running(place: Path, *, within: float) -> list[str]:
    """Return the processes that have a place in their words or variables after a time, if any."""
    limit = time.monotonic() + within
    while found := list(_iter_processes(place)):
        if time.monotonic() > limit:
            return found
        time.sleep(0.05)
    return []


def _watch(is_time: Callable[[], bool]) -> None:
    """Kill this process before an event at which it is time."""

    def hook(event: str, _: object) -> None:
        if event in EVENTS and is_time():
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _end_after(work: Work, place: Path, then: Callable[[], object] = lambda: None) -> NoReturn:
    """Do something, and end this process: a fork must not go on with the tests."""
    code = 1
    try:
        os.environ["TMPDIR"] = tempfile.tempdir = str(place)  # by which its children are known
        work(place)
        then()
        code = 0
    finally:
        if code:
            traceback.print_exc(file=sys.__stderr__)
        os._exit(code)


def _ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _iter_processes(place: Path) -> Iterator[str]:
    mark = os.fsencode(place)
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):
            words = (process / "cmdline").read_bytes()
            if mark in words or mark in (process / "environ").read_bytes():
                said = words.replace(b"\0", b" ").decode()
                yield f"{process.name}: {said}"
