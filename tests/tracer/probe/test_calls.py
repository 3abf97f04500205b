"""Packages that others call during prediction: a call counts, a look does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from tracer import ImportRecord, Trace, probe_folder, read_spool, trace

from ..conftest import VERSIONS, installed

World = Callable[[Mapping[str, str]], Path]
Run = Callable[[str], Trace]

DRIVER = """
import os, sys

def main():
    package = type(sys)("_private_probe")
    package.__path__ = [sys.argv[1]]
    sys.modules["_private_probe"] = package
    from _private_probe.start import start
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages"))
    recorder = start(sys.argv[2], own=(os.path.abspath(__file__),), private="_private_")
    recorder.phase("load")
    import model  # type: ignore[import-not-found]
    recorder.phase("predict", "places")
    model.predict()
    recorder.phase("predict again", "all")
    model.predict()
    recorder.phase("compare")
    model.after()
    recorder.stop()
    assert sys.getprofile() is None

if __name__ == "__main__":
    main()
"""
MODEL = """
import asker
def predict():
    return asker.work()
def after():
    import helper
    helper.compute()
"""
HELPER = """
import abc, functools, inner

def compute(value=1):
    return value

class Watching(type):
    def __instancecheck__(cls, value):
        return inner.check(compute(value))
    def __subclasscheck__(cls, other):
        return inner.check(compute(other))

Frame = Watching("Frame", (), {})

class Sized(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other):
        return inner.check(compute(other))

class Options:
    def __init__(self):
        self.made = True
    @property
    def plain(self):
        return inner.check(compute())
    @functools.cached_property
    def cached(self):
        return inner.check(compute())
    def __getattr__(self, name):
        return inner.check(compute())
    def method(self):
        return inner.check(1)

options = Options()

def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return inner.check(compute())

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        inner.check(compute())
    @staticmethod
    def find_distributions(context=None):
        return [each for each in (compute(), inner.check(1)) if each is None]

class Passing:
    def __del__(self):
        inner.check(compute())

def gone(reference):
    inner.check(compute())
"""
FILES = {
    "driver.py": DRIVER,
    "model.py": MODEL,
    "site-packages/helper.py": HELPER,
    "site-packages/inner.py": "def check(value):\n    return bool(value)\n",
    "site-packages/late.py": "import helper\nhelper.compute()\n",
    "site-packages/space/one.py": "def compute():\n    return 1\n",
    "site-packages/space/two.py": "from space import one\ndef work():\n    one.compute()\n",
    "site-packages/fast/__init__.py": "",
}
ASKER = """
import fast, functools, importlib.util, math, os, subprocess, sys, threading, weakref
import helper
from fast import _bisect

class Own:
    @property
    def fitted(self):
        return helper.compute()

def work():
    {}
"""


# The oldest and the newest with a profile hook, and with events of `sys.monitoring`.
TELLING = ("3.8", "3.11", "3.12", "3.15")


@pytest.fixture(
    params=[
        pytest.param(each, marks=() if each in TELLING else pytest.mark.slow) for each in VERSIONS
    ]
)
def python(request: pytest.FixtureRequest) -> Path:
    """Each installed interpreter in turn; those between are slow."""
    return installed(request.param)


@pytest.fixture
def called(world: World, python: Path) -> Run:
    """Trace two predictions of a model whose library `asker` does what is given."""

    def run(body: str) -> Trace:
        folder = world({**FILES, "site-packages/asker.py": ASKER.format(body)})
        shutil.copy(_extension(python), folder / "site-packages" / "fast")
        command = [str(python), "driver.py", str(probe_folder()), str(folder / "spool")]
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env={"PATH": "/usr/bin:/bin"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        return read_spool(folder / "spool")

    return run


@cache
def _extension(python: Path) -> Path:
    """Find a compiled module of an interpreter, which has no other use for a second name."""
    text = "import _bisect; print(getattr(_bisect, '__file__', ''))"
    found = subprocess.run([str(python), "-c", text], capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        pytest.skip("this interpreter has no compiled module in a file of its own")
    return Path(found.stdout.strip())


def of(seen: Trace) -> dict[str, ImportRecord]:
    """Return the records of calls by the module that was called, without the model's own."""
    called = (record for record in seen.records if record.how == "called")
    return {record.name: record for record in called if record.name != "model"}


CALLS = {
    "a function": "helper.compute()",
    "a method": "helper.options.method()",
    "a class": "helper.Options()",
    "a decorator": "functools.lru_cache()(helper.compute)(2)",
    "a callback": "sorted([2, 1], key=helper.compute)",
    "a partial function": "list(map(functools.partial(helper.compute), [1]))",
    "a thread": "t = threading.Thread(target=helper.compute); t.start(); t.join()",
    "what its own property calls": "Own().fitted",
    "after an import that called": "import late; list(map(helper.compute, [1]))",
    "after a look": "isinstance(1, helper.Frame); list(map(helper.compute, [1]))",
    "a forked child": "os.fork() or (helper.compute(), os._exit(0)); os.wait()",
    "a thread's fork": (
        "t = threading.Thread(target=lambda: os.fork() or (helper.compute(), os._exit(0)))"
        "; t.start(); t.join(); os.wait()"
    ),
}
NO_CALLS = {
    "a type check": "isinstance(1, helper.Frame), issubclass(int, helper.Frame)",
    "an abstract class": "isinstance(1, helper.Sized), issubclass(int, helper.Sized)",
    "an attribute of the module": "helper.anything, hasattr(helper, 'other')",
    "an attribute of an object": "helper.options.anything, getattr(helper.options, 'other')",
    "a property": "helper.options.plain, hasattr(helper.options, 'plain')",
    "a cached property": "vars(helper.options).clear(), helper.options.cached",
    "an import": "sys.modules.pop('late', None); import late",
    "a finder": (
        "sys.meta_path.append(helper.Finder); importlib.util.find_spec('absent')"
        "; sys.meta_path.remove(helper.Finder)"
    ),
    "metadata": (
        "import importlib.metadata as m; sys.meta_path.append(helper.Finder)"
        "; list(m.distributions(name='absent')); sys.meta_path.remove(helper.Finder)"
    ),
    "what was made before": "globals().pop('passing', None)",
    "a weak reference": "globals().pop('passed', None)",
    "what is not used": "pass",
}


@pytest.mark.parametrize("body", CALLS.values(), ids=CALLS)
def test_what_calls(called: Run, body: str) -> None:
    found = of(called(body))
    assert "helper" in found
    assert found["helper"].loaded
    assert str(found["helper"].file).endswith("helper.py")
    assert found["helper"].phase.startswith("predict")
    assert found["asker"].importer in (None, "model")


@pytest.mark.parametrize("body", NO_CALLS.values(), ids=NO_CALLS)
def test_what_is_no_call(called: Run, body: str) -> None:
    prepare = (
        "passing = helper.Passing()\n"
        "passed = type('Passed', (), {})()\n"
        "reference = weakref.ref(passed, helper.gone)\n"
        "weakref.finalize(passed, helper.compute)\n"
    )
    seen = called(f"{body}\n\n{prepare}")
    assert set(of(seen)) == {"asker"}


def test_the_line_that_called(called: Run) -> None:
    record = of(called("\n    helper.compute()"))["helper"]
    lines = ASKER.splitlines()
    assert (record.importer, record.line) == ("asker", lines.index("    {}") + 2)
    assert str(record.importer_file).endswith("asker.py")


def test_compiled_code_that_python_code_calls(called: Run) -> None:
    record = of(called("_bisect.insort_right([], 1)"))["fast._bisect"]
    assert record.importer == "asker"


def test_compiled_code_that_a_place_calls_after_other_code(called: Run) -> None:
    body = "for call, *given in ((math.sqrt, 1), (_bisect.insort_right, [], 1)): call(*given)"
    assert "fast._bisect" in of(called(body))


def test_packages_of_one_namespace_are_several(called: Run) -> None:
    found = of(called("import space.two; space.two.work()"))
    assert found["space.one"].importer == "space.two"
    assert found["space.two"].importer == "asker"


def test_interpreters_that_start_while_predicting(called: Run) -> None:
    body = (
        "os.environ['PYTHONPATH'] += os.pathsep + os.path.dirname(__file__)\n"
        "    program = 'import helper; list(map(helper.compute, [1]))'\n"
        "    subprocess.run([sys.executable, '-c', program], check=True)"
    )
    assert "helper" in of(called(body))


def test_what_the_first_prediction_alone_calls(called: Run, python: Path) -> None:
    body = "globals().get('kept') or globals().update(kept=helper.compute())"
    assert ("helper" in of(called(body))) is _monitors(python)


@cache
def _monitors(python: Path) -> bool:
    text = "import sys; print(hasattr(sys, 'monitoring'))"
    found = subprocess.run([str(python), "-c", text], capture_output=True, text=True, check=True)
    return found.stdout.strip() == "True"


def test_calls_in_a_block_of_this_process(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = world({**FILES, "site-packages/asker.py": ASKER.format("helper.compute()")})
    shutil.copy(_extension(Path(sys.executable)), folder / "site-packages" / "fast")
    monkeypatch.syspath_prepend(str(folder / "site-packages"))
    import model  # type: ignore[import-not-found]

    with trace() as plain:
        model.predict()
    with trace(calls=True) as seen:
        model.predict()
    assert not of(plain.trace)
    assert of(seen.trace)["helper"].importer == "asker"
    assert sys.getprofile() is None


def test_a_profile_hook_takes_itself_off_after_so_many_events(called: Run, python: Path) -> None:
    seen = called("for _ in range(600_000): helper.compute()\n    import inner; inner.check(1)")
    if _monitors(python):
        assert "inner" in of(seen)
        assert not seen.notes
    else:
        assert "helper" in of(seen)
        assert "inner" not in of(seen)
        assert any("for the first 1000000 events" in note for note in seen.notes)
