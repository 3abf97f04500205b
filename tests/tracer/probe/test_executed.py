from __future__ import annotations

import colorsys
import fractions
import importlib
import math
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tracer import trace
from tracer.probe.called import module_of
from tracer.probe.executed import watcher
from tracer.probe.importer import Importer

World = Callable[[Mapping[str, str]], Path]


def names_that_ran(seen: Any) -> set[tuple[str, str | None]]:
    return {(record.name, record.importer) for record in seen.records if record.how == "ran"}


def test_a_module_that_was_imported_before_and_runs_is_seen() -> None:
    with trace() as seen:
        colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
    assert ("colorsys", __name__) in names_that_ran(seen)
    record = next(record for record in seen.records if record.name == "colorsys")
    assert record.file == colorsys.__file__
    assert record.line is not None


def test_a_compiled_module_is_seen_through_what_is_called() -> None:
    with trace() as seen:
        math.sqrt(2.0)
    assert ("math", __name__) in names_that_ran(seen)


def test_what_does_not_run_is_not_seen() -> None:
    with trace() as seen:
        pass
    assert "colorsys" not in seen.modules


def test_it_can_be_turned_off() -> None:
    with trace(executed=False) as seen:
        colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
    assert seen.modules == ()


def test_the_models_own_use_is_an_edge_though_a_library_had_imported_it(world: World) -> None:
    world(
        {
            "site-packages/probing.py": "import wanted\nwanted.make()\n",
            "site-packages/wanted.py": "def make():\n    return 1\n",
            "mine.py": "import wanted\ndef predict():\n    return wanted.make()\n",
        }
    )
    sys.path.insert(0, "site-packages")
    try:
        with trace() as seen:
            importlib.import_module("probing")
            importlib.import_module("mine").predict()
    finally:
        sys.path.remove("site-packages")
    edges = {(record.name, record.importer) for record in seen.records}
    assert {("wanted", "probing"), ("wanted", "mine")} <= edges


def test_threads_that_start_in_the_block_are_watched() -> None:
    with trace() as seen:
        thread = threading.Thread(target=lambda: colorsys.rgb_to_hsv(0.1, 0.2, 0.3))
        thread.start()
        thread.join()
    assert "colorsys" in seen.modules


def test_asking_a_callable_for_its_module_runs_none_of_its_code() -> None:
    class Touchy:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(name)

        def __call__(self) -> None:
            pass

    class Meta(type):
        def __getattribute__(cls, name: str) -> object:
            raise AssertionError(name)

    assert module_of(Touchy()) == __name__
    assert module_of(Meta("Odd", (), {"__module__": "elsewhere"})) == "elsewhere"


@pytest.mark.parametrize(
    ("called", "module"),
    [
        (math.sqrt, "math"),
        (colorsys.rgb_to_hsv, "colorsys"),
        ("a".join, "builtins"),
        (dict.fromkeys, "builtins"),
        (str.join, "builtins"),
        (fractions.Fraction.from_float, "fractions"),
        (Path, Path.__module__),
        (len, "builtins"),
    ],
)
def test_the_module_of_each_kind_of_callable_is_found(called: object, module: str) -> None:
    found = module_of(called)
    assert found == module or str(found).startswith(module)


def test_what_has_no_module_is_called_as_ever() -> None:
    names: dict[str, Any] = {}
    exec("def make(): return kind()\nkind = type('Nameless', (), {})", names)
    with pytest.raises(AttributeError):
        _ = names["kind"].__module__
    with trace(children=False) as seen:
        assert type(names["make"]()) is type(names["kind"]()) is names["kind"]
    assert seen.trace.notes == ()


def test_a_profiler_that_was_there_goes_on() -> None:
    if sys.version_info >= (3, 12):
        pytest.skip("no profile hook is used")
    events: list[str] = []

    def profiler(frame: object, event: str, argument: object) -> None:
        events.append(event)

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        with trace():
            events.clear()
            colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
            assert "call" in events
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)


def test_a_thread_that_outlives_the_block_takes_the_hook_off_itself() -> None:
    if sys.version_info >= (3, 12):
        pytest.skip("no profile hook is used")
    go, left = threading.Event(), []

    def work() -> None:
        go.wait(30)
        colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
        left.append(sys.getprofile())

    with trace():
        thread = threading.Thread(target=work)
        thread.start()
    go.set()
    thread.join(30)
    assert left == [None]


def test_taken_tool_ids_are_noted(python: Path, run: Callable[..., Any]) -> None:
    text = (
        "import sys\n"
        "if not hasattr(sys, 'monitoring'): sys.exit(9)\n"
        "import colorsys\n"
        "from tracer import trace\n"
        "for tool in range(6): sys.monitoring.use_tool_id(tool, 'other')\n"
        "with trace(children=False) as seen: colorsys.rgb_to_hsv(.1, .2, .3)\n"
        "print(seen.trace.notes)\n"
        "sys.monitoring.free_tool_id(2)\n"
        "with trace(children=False) as seen: colorsys.rgb_to_hsv(.1, .2, .3)\n"
        "assert 'colorsys' in seen.modules\n"
    )
    if _version(python) < (3, 12):
        pytest.skip("no monitoring")
    done = run(text, python)
    assert done.returncode == 0, done.stderr
    assert "no monitoring tool is free" in done.stdout


def test_another_tools_events_are_the_same_in_a_trace(
    python: Path, run: Callable[..., Any]
) -> None:
    if _version(python) < (3, 12):
        pytest.skip("no monitoring")
    text = (
        "import colorsys, contextlib, sys\n"
        "from tracer import trace\n"
        "monitoring = sys.monitoring\n"
        "def seen_by_a_debugger(context):\n"
        "    lines = []\n"
        "    monitoring.use_tool_id(0, 'debugger')\n"
        "    def line(code, number):\n"
        "        if code.co_filename == colorsys.__file__: lines.append(number)\n"
        "    monitoring.register_callback(0, monitoring.events.LINE, line)\n"
        "    monitoring.set_events(0, monitoring.events.LINE)\n"
        "    with context:\n"
        "        for _ in range(3): colorsys.rgb_to_hsv(.1, .2, .3)\n"
        "    assert monitoring.get_tool(0) == 'debugger'\n"
        "    monitoring.set_events(0, 0)\n"
        "    monitoring.free_tool_id(0)\n"
        "    return lines\n"
        "observed = trace(children=False)\n"
        "plain = seen_by_a_debugger(contextlib.nullcontext())\n"
        "assert plain and seen_by_a_debugger(observed) == plain\n"
        "assert 'colorsys' in observed.modules\n"
    )
    done = run(text, python)
    assert done.returncode == 0, done.stderr


def test_a_finder_that_only_the_import_system_calls_is_not_used_by_the_block(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world({"site-packages/hooking.py": HOOK, "plum.py": ""})
    monkeypatch.syspath_prepend(str(folder / "site-packages"))
    finder = importlib.import_module("hooking").Finder()
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    with trace(children=False) as seen:
        importlib.import_module("plum")
    assert "plum" in seen.modules
    assert "hooking" not in seen.modules


HOOK = """
class Finder:
    def find_spec(self, name, path=None, target=None):
        return self.look(name)
    def look(self, name):
        return None
"""


def _version(python: Path) -> tuple[int, ...]:
    command = [str(python), "-c", "import sys; print(*sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tuple(int(part) for part in done.stdout.split())


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn.utils.murmurhash", "murmurhash3_32"),  # Cython
        ("scipy.fft._pocketfft.pypocketfft", "c2c"),  # pybind11
        ("pyarrow.lib", "array"),
        ("jaxlib._jax", "batched_device_put"),  # nanobind
    ],
)
def test_compiled_callables_are_named_by_the_module_they_are_of(module: str, name: str) -> None:
    found = getattr(pytest.importorskip(module), name)
    assert module_of(found) == module


class Hearing:
    """A listener that counts what it is told, and has settled nothing."""

    def __init__(self) -> None:
        self.importer = Importer()
        self.settled: set[str] = set()
        self.rests = False
        self.stacks: dict[int, list[str]] = {}
        self.calls = 0

    def started(self, name: object, frame: FrameType) -> bool:
        return False

    def called(self, name: object, frame: FrameType, compiled: bool) -> bool:
        self.calls += name == "math"
        return False

    def returned(self, name: object, well: bool) -> None:
        pass

    def raised(self, name: object, error: BaseException, frame: FrameType | None) -> None:
        pass

    def let_through(self, name: str) -> None:
        pass


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="a profile hook hears every call")
def test_a_closer_look_ends_when_it_is_told_to() -> None:
    def twenty() -> None:
        for _ in range(20):
            math.sqrt(2.0)

    watch, hearing = watcher(), Hearing()
    assert watch.listen(hearing)
    try:
        heard = []
        for calls in ("", "all", "", "places"):
            watch.attend(calls)
            watch.again()
            before = hearing.calls
            twenty()
            heard.append(hearing.calls - before)
    finally:
        watch.leave(hearing)
    assert heard == [1, 20, 1, 1]


OUTSIDE = """
import sys, threading, _thread
import colorsys
from tracer import trace
"""
INSIDE = {
    "after an import": "import plum; colorsys.rgb_to_hsv(0.1, 0.2, 0.3)",
    "after one that failed, and whose error is kept": """
        try:
            __import__('importlib').import_module('rotten')
        except ValueError as error:
            kept = error
        colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
""",
    "in a module that is imported": "import using",
    "in a thread, while another imports": """
        go, done = _thread.allocate_lock(), _thread.allocate_lock()
        go.acquire(); done.acquire()
        def work():
            go.acquire(); colorsys.rgb_to_hsv(0.1, 0.2, 0.3); done.release()
        threading.Thread(target=work).start()
        sys.modules['locks'] = (go, done)
        import waiting
""",
    "after another thread waited for the same module": """
        threads = [threading.Thread(target=__import__, args=('slow',)) for _ in range(4)]
        for thread in threads: thread.start()
        import slow
        for thread in threads: thread.join()
        import plum
        colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
""",
    "in a trace that began in an import": "import tracing",
}
MODULES = {
    "plum.py": "",
    "rotten.py": "raise ValueError",
    "using.py": "import colorsys\ncolorsys.rgb_to_hsv(0.1, 0.2, 0.3)\n",
    "waiting.py": "import sys\ngo, done = sys.modules['locks']\ngo.release(); done.acquire()\n",
    "slow.py": "import time\ntime.sleep(0.1)\n",
    "tracing.py": (
        "import colorsys\nfrom tracer import trace\n"
        "with trace() as inner: colorsys.rgb_to_hsv(0.1, 0.2, 0.3)\n"
        "assert 'colorsys' in inner.modules\n"
    ),
}


@pytest.mark.parametrize("what", INSIDE)
def test_what_had_been_imported_and_runs_is_seen(
    what: str, world: World, run: Callable[..., Any]
) -> None:
    world(MODULES)
    body = INSIDE[what].strip()
    text = f"{OUTSIDE}\nwith trace(children=False) as seen:\n        {body}\n"
    done = run(text + "assert 'colorsys' in seen.modules, seen.modules\n")
    assert done.returncode == 0, done.stderr
