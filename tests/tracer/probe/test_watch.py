"""A process that lives on is watched: what nobody foresaw is counted, bounded, and harms nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tracer.probe import tally
from tracer.probe.audit import AUDIT
from tracer.probe.watch import ProcessWatch

World = Callable[[Mapping[str, str]], Path]
Watched = Callable[..., ProcessWatch]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Watch this process, which has touched nothing before."""
    watches: list[ProcessWatch] = []

    def begin(
        known: Mapping[str, list[str]] | None = None,
        own: tuple[str, ...] = (),
        learn: Callable[[], object] | None = None,
    ) -> ProcessWatch:
        watch = ProcessWatch(known or {}, own)
        watches.append(watch)
        watch.learn()
        if learn is not None:
            learn()
        watch.begin()
        return watch

    yield begin
    for each in watches:
        each.end()


def names(taken: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what was told, by kind."""
    return {kind: sorted(each) for kind, each in taken.items()}


def test_a_file_is_told_once_with_who_asked_and_then_counted(
    world: World, watched: Watched
) -> None:
    file = world({"words.txt": "a"}) / "words.txt"
    watch = watched()
    for _ in range(3):
        file.read_text()
    told = watch.taken()["files"][str(file)]
    assert told["count"] == 3
    assert told["by"].startswith(__file__)
    assert watch.taken() == {}
    file.read_text()
    assert watch.taken() == {"files": {str(file): {"count": 1}}}


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda file: file.read_text(), id="text"),
        pytest.param(lambda file: os.close(os.open(file, os.O_RDONLY)), id="descriptor"),
        pytest.param(lambda file: os.close(os.open(os.fsencode(file), os.O_RDONLY)), id="bytes"),
        pytest.param(lambda file: Path(os.path.relpath(file)).read_bytes(), id="relative"),
    ],
)
def test_what_was_touched_before_is_foreseen(
    touch: Callable[[Path], object], world: World, watched: Watched
) -> None:
    folder = world({"words.txt": "a", "other.txt": "b"})
    watch = watched(learn=lambda: touch(folder / "words.txt"))
    touch(folder / "words.txt")
    assert watch.taken() == {}
    touch(folder / "other.txt")
    assert names(watch.taken()) == {"files": [str(folder / "other.txt")]}


def test_what_the_capture_saw_and_what_is_the_models_own_is_foreseen(
    world: World, watched: Watched
) -> None:
    folder = world({"seen.txt": "", "own/kept.txt": "", "own.txt": ""})
    watch = watched({"files": [str(folder / "seen.txt")]}, (str(folder / "own"),))
    for name in ("seen.txt", "own/kept.txt", "own.txt"):
        (folder / name).read_text()
    assert names(watch.taken()) == {"files": [str(folder / "own.txt")]}


def test_what_it_wrote_itself_is_no_news(world: World, watched: Watched) -> None:
    folder = world({})
    watch = watched()
    (folder / "cache.txt").write_text("x")
    (folder / "cache.txt").read_text()
    (folder / "cache.txt").rename(folder / "moved.txt")
    (folder / "moved.txt").read_text()
    assert watch.taken() == {}


def test_a_module_is_told_with_its_file_and_one_that_is_missing_each_time(
    world: World, watched: Watched
) -> None:
    folder = world({"lazily.py": "import surely_absent_too\n", "plain_enough.py": ""})
    watch = watched({"imports": ["surely_expected"]})
    for _ in range(2):
        for name in ("lazily", "plain_enough", "surely_absent", "surely_expected"):
            try:
                __import__(name)
            except ImportError:
                continue
    told = watch.taken()["imports"]
    assert sorted(told) == ["lazily", "plain_enough", "surely_absent", "surely_absent_too"]
    assert told["plain_enough"]["file"] == str(folder / "plain_enough.py")
    assert [told[name]["there"] for name in sorted(told)] == [False, True, False, False]
    assert told["surely_absent_too"]["by"] == f"{folder / 'lazily.py'}:1"
    with pytest.raises(ImportError):
        __import__("surely_absent")
    assert watch.taken() == {"imports": {"surely_absent": {"count": 1}}}


def test_modules_of_the_interpreter_and_of_the_model_are_no_news(
    world: World, watched: Watched
) -> None:
    folder = world({"modelled.py": "", "mimetypes_user.py": "import mimetypes\n"})
    for name in ("mimetypes", "colorsys"):
        sys.modules.pop(name, None)
    watch = watched(own=(str(folder),))
    import colorsys  # noqa: F401

    import mimetypes_user  # type: ignore[import-not-found]  # it asks for winreg  # noqa: F401
    import modelled  # type: ignore[import-not-found]  # noqa: F401

    assert "imports" not in watch.taken()


def test_who_asks_whether_a_module_is_there_does_not_import_it(watched: Watched) -> None:
    from importlib.util import find_spec

    watch = watched()
    assert find_spec("surely_absent") is None
    assert watch.taken() == {}


@pytest.mark.parametrize(
    ("known", "asked", "told"),
    [
        ([], ["nowhere.invalid:5432"], ["nowhere.invalid:5432"]),
        (["nowhere.invalid:5432"], ["nowhere.invalid:5432"], []),
        (["nowhere.invalid"], ["nowhere.invalid:5432"], []),
        ([], ["localhost:9", "127.0.0.1:9", "::1:9"], []),
        ([], ["192.0.2.1:5432"], ["192.0.2.1:5432"]),
        # A name's address is another each day.
        (["nowhere.invalid:5432", "192.0.2.7:5432"], ["192.0.2.1:5432"], []),
        ([], ["nowhere.invalid:443", "192.0.2.1:443"], ["nowhere.invalid:443"]),
    ],
)
def test_a_host_is_told_by_its_name(
    known: list[str], asked: list[str], told: list[str], watched: Watched
) -> None:
    watch = watched({"hosts": known})
    for host in asked:
        name, _, port = host.rpartition(":")
        if name[0].isdigit():
            sys.audit("socket.connect", None, (name, int(port)))
        else:
            sys.audit("socket.getaddrinfo", name, int(port), 0, 0, 0)
    assert names(watch.taken()) == ({"hosts": told} if told else {})


def test_a_program_is_known_by_its_name_wherever_it_stands(watched: Watched) -> None:
    watch = watched({"programs": ["/elsewhere/bin/true"]})
    subprocess.run(["true"], check=True)
    assert watch.taken() == {}
    subprocess.run(["sh", "-c", "exit 0"], check=True)
    assert [Path(name).name for name in watch.taken()["programs"]] == ["sh"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has none")
def test_a_forked_child_tells_each_name_once(world: World, watched: Watched) -> None:
    folder = world({"theirs.txt": "", "theirs.py": ""})
    watch = watched()
    child = os.fork()
    if not child:
        try:
            for _ in range(2):
                (folder / "theirs.txt").read_text()
            import theirs  # type: ignore[import-not-found]  # noqa: F401
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    told = watch.taken()
    assert told["files"][str(folder / "theirs.txt")]["count"] == 1
    assert told["imports"]["theirs"]["there"] is None
    assert watch.taken() == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has none")
def test_a_child_that_closed_the_pipe_writes_into_nothing_else(
    world: World, watched: Watched
) -> None:
    folder = world({"theirs.txt": ""})
    watch = watched()
    child = os.fork()
    if not child:
        try:
            os.closerange(3, 256)
            descriptors = [os.open(folder / "mine.txt", os.O_RDWR | os.O_CREAT) for _ in range(99)]
            (folder / "theirs.txt").read_text()
            os._exit(len(descriptors))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 99
    assert (folder / "mine.txt").read_text() == ""
    watch.taken()


def test_many_names_are_counted_alone(
    world: World, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world({f"{number}.txt": "" for number in range(12)})
    most = tally.WAITING
    watch = watched()
    for number in range(most):
        sys.audit("socket.getaddrinfo", f"host{number}.invalid", 80, 0, 0, 0)
    for number in range(12):
        (folder / f"{number}.txt").read_text()
    answers = []
    while told := watch.taken():
        answers.append(told)
    assert sum(len(each.get("hosts", {})) for each in answers) == most
    assert max(len(each.get("hosts", {})) for each in answers) <= 100
    assert answers[0]["more"] == {"files": 12}


def test_no_name_is_hidden_by_those_that_were_told(world: World, watched: Watched) -> None:
    file = world({"grave.txt": ""}) / "grave.txt"
    watch = watched()
    for number in range(3 * tally.MOST):
        sys.audit("socket.getaddrinfo", f"host{number}.invalid", 80, 0, 0, 0)
        if number % 100 == 99:
            assert len(watch.taken()["hosts"]) == 100
    file.read_text()
    assert list(watch.taken()["files"]) == [str(file)]
    assert len(watch._tally._asked) <= tally.MOST + 1
    sys.audit("socket.getaddrinfo", "host0.invalid", 80, 0, 0, 0)  # it is forgotten, and new again
    assert "by" in watch.taken()["hosts"]["host0.invalid:80"]


@pytest.mark.parametrize("back", [True, False])
def test_a_relative_path_is_another_file_in_another_folder(
    world: World, watched: Watched, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    folder = world({"one/words.txt": "", "two/words.txt": ""})
    first, second = folder / "one" / "words.txt", folder / "two" / "words.txt"
    watch = watched({"files": [str(first)]} if back else {})
    told = []
    for place in (first, second, first):
        monkeypatch.chdir(place.parent)
        Path("words.txt").read_text()
        told.append(list(watch.taken().get("files", {})))
    known = [] if back else [str(first)]
    assert told == [known, [str(second)], known]


def test_what_cannot_be_hashed_is_heard_by_all_the_same(watched: Watched) -> None:
    heard: list[object] = []
    listener = {"open": lambda *told: heard.append(told[0] if told else None)}
    watched()
    AUDIT.listen(listener)
    AUDIT.listen(
        alone := {"surely.nothing": lambda *_: heard.append("alone")}, {"surely.nothing": {1}}
    )
    try:
        for odd in ([1], {"a": 1}, Odd()):
            sys.audit("open", odd, "r", 0)
            sys.audit("surely.nothing", odd)
        sys.audit("surely.nothing")
        sys.audit("surely.nothing", 1)
    finally:
        AUDIT.leave(listener)
        AUDIT.leave(alone)
    assert heard.count("alone") == 4
    assert len(heard) == 7


def test_all_that_is_remembered_is_bounded(world: World, watched: Watched) -> None:
    folder = world({"seen.txt": ""})
    watch = watched({"files": [str(folder / "seen.txt")]})
    for number in range(21_000):
        sys.audit("open", f"/nowhere/{number}/x.txt", "w", os.O_WRONLY | os.O_CREAT)
    touches = watch._touches
    assert len(touches._plain) <= 20_000
    assert len(touches._written) <= 20_000
    assert len(touches._places._folders) <= 20_000
    (folder / "seen.txt").read_text()
    assert watch.taken() == {}


class Odd:
    """What somebody may hand to `open`, or to an audit event of his own."""

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        raise ValueError("it has no name")


def test_what_goes_wrong_in_the_watch_is_counted_and_harms_nobody(watched: Watched) -> None:
    watch = watched()
    sys.audit("open", Odd(), "r", 0)
    sys.audit("socket.getaddrinfo", Odd(), 1, 0, 0, 0)
    sys.audit("subprocess.Popen", Odd(), [Odd()], None, None)
    assert watch.taken() == {"more": {"faults": 3}}


def test_threads_lose_no_name(world: World, watched: Watched) -> None:
    files = {f"{number}.txt": "" for number in range(90)}
    folder = world(files)
    watch = watched()
    threads = [
        threading.Thread(target=lambda part=part: [(folder / each).read_text() for each in part])
        for part in (list(files)[start::6] for start in range(6))
    ]
    for each in threads:
        each.start()
    found: dict[str, Any] = {}
    while any(each.is_alive() for each in threads):
        found |= watch.taken().get("files", {})
    found |= watch.taken().get("files", {})
    assert len(found) == 90


def test_nothing_is_heard_after_the_end(world: World, watched: Watched) -> None:
    file = world({"words.txt": ""}) / "words.txt"
    watch = watched()
    watch.end()
    file.read_text()
    with socket.socket(), pytest.raises(ImportError):
        __import__("surely_absent")
    assert watch.taken() == {}
