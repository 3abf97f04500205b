"""Subinterpreters are entered as they are made, in this process and in those it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ..conftest import ROOT

World = Callable[[Mapping[str, str]], Path]
# What has been there since 3.8, or what took its place.
MODULE = """
try:
    import _interpreters as made
except ImportError:
    import _xxsubinterpreters as made
"""
MISSED = "('unseen: a subinterpreter was made before it could be entered',)"
INSIDE = "import sys; sys.path.insert(0, '.'); import fruit"
public = pytest.mark.skipif(sys.version_info < (3, 14), reason="concurrent.interpreters is of 3.14")


def run(world: World, program: str) -> list[str]:
    """Run a program of this Python in a folder that has a module `fruit`; return its lines."""
    world({"fruit.py": "import colorsys\n", "program.py": program})
    done = subprocess.run(
        [sys.executable, "program.py"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("options", ["", "executed=False", "touched=True"])
@pytest.mark.parametrize("before", ["", MODULE])
def test_one_that_is_made_in_a_block_is_seen(world: World, before: str, options: str) -> None:
    program = f"""
from tracer import trace
{before}
with trace({options}) as seen:
    try:
        import _interpreters as made
    except ImportError:
        import _xxsubinterpreters as made
    import colorsys
    inner = made.create()
    made.run_string(inner, {INSIDE!r})
    made.destroy(inner)
(record,) = [each for each in seen.records if each.name == "fruit"]
print(record.how, record.loaded, seen.trace.notes, type(made.create).__name__)
"""
    assert run(world, program) == ["imported True () builtin_function_or_method"]


def test_one_from_before_is_named(world: World) -> None:
    program = f"""
from tracer import trace
{MODULE}
inner = made.create()
with trace() as seen:
    made.run_string(inner, {INSIDE!r})
made.destroy(inner)
print("fruit" in seen.modules, *seen.trace.notes)
"""
    assert run(world, program) == [
        "False unseen: a subinterpreter was there before it could be entered"
    ]


def test_one_that_is_made_by_what_was_there_before_is_named(world: World) -> None:
    program = f"""
from tracer import trace
{MODULE}
create = made.create
with trace() as outer:
    first = create()
    with trace() as within:
        second = create()
        made.run_string(second, {INSIDE!r})
    made.destroy(second)
made.destroy(first)
for seen in (within, outer):
    print("fruit" in seen.modules, *[each.partition(" before")[0] for each in seen.trace.notes])
"""
    within, outer = run(world, program)
    assert within.startswith("False unseen: a subinterpreter was ")
    assert outer.startswith("False unseen: a subinterpreter was made")


def test_one_from_before_is_named_to_every_trace(world: World) -> None:
    program = f"""
from tracer import trace
{MODULE}
old = made.create()
with trace() as outer:
    first = made.create()
    with trace() as within:
        made.run_string(first, {INSIDE!r})
        made.run_string(old, {INSIDE!r})
    made.run_string(first, "import calendar")
made.destroy(old)
with trace() as later:
    made.run_string(first, "import json.tool")
made.destroy(first)
for seen in (within, outer, later):
    print("fruit" in seen.modules, *[e for e in seen.trace.notes if "before" in e], sep="|")
"""
    there = "unseen: a subinterpreter was there before it could be entered"
    within, outer, later = run(world, program)
    assert within == f"True|{there}"
    assert outer == f"True|{there}"
    assert later == f"False|{there}"


def test_one_that_lives_on_is_named_and_blocks_lie_in_each_other(world: World) -> None:
    program = f"""
from tracer import trace
{MODULE}
with trace() as outer:
    with trace() as within:
        inner = made.create()
        made.run_string(inner, {INSIDE!r})
    made.run_string(inner, "import calendar")
made.destroy(inner)
for seen in (within, outer):
    print("fruit" in seen.modules, "calendar" in seen.modules, seen.trace.notes)
"""
    said = run(world, program)
    assert said[0].startswith("True False ('a subinterpreter of process ")
    assert said[1].startswith("True True ('a subinterpreter of process ")


def test_one_of_a_child_is_seen(world: World) -> None:
    program = f"""
from tracer import trace_call, trace_program
INSIDE = '''{MODULE}
inner = made.create()
made.run_string(inner, {INSIDE!r})
made.destroy(inner)
'''
if __name__ == "__main__":
    called = trace_call(exec, INSIDE, {{}})
    print("fruit" in called.trace.modules or called.trace.notes)
    code, seen = trace_program(["-c", INSIDE])
    print(code, "fruit" in seen.modules, seen.notes)
"""
    called, child = run(world, program)
    if sys.version_info >= (3, 12):
        assert (called, child) == ("True", "0 True ()")
    else:  # nothing goes on between the import of what makes one and its use
        assert called in ("True", MISSED)
        assert child in ("0 True ()", f"0 True {MISSED}")


def test_one_that_cannot_be_entered_is_named(world: World) -> None:
    program = f"""
import sys
from tracer import trace
{MODULE}
from tracer.probe import subinterpreters
with trace() as seen:
    sys.modules["tracer.probe"].__path__, path = ["/nowhere"], sys.modules["tracer.probe"].__path__
    inner = made.create()
    sys.modules["tracer.probe"].__path__ = path
    made.destroy(inner)
print(*seen.trace.notes)
"""
    (said,) = run(world, program)
    assert said.startswith("unseen: a subinterpreter could not be entered: ")
    assert "_modelenv_probe.start" in said


@public
def test_a_pool_of_them_is_seen(world: World) -> None:
    program = """
from concurrent.futures import InterpreterPoolExecutor
from tracer import trace
def work(number):
    import fruit
    return number
if __name__ == "__main__":
    with trace() as seen, InterpreterPoolExecutor(2) as pool:
        print(list(pool.map(work, [1, 2])))
    (record,) = {each for each in seen.records if each.name == "fruit"}
    print(record.importer, record.line, seen.trace.notes)
"""
    assert run(world, program) == ["[1, 2]", "__main__ 5 ()"]


@public
@pytest.mark.parametrize(
    "call", ["exec('import fruit')", "call(work)", "call_in_thread(work).join()"]
)
def test_each_way_in_is_seen(world: World, call: str) -> None:
    program = f"""
from concurrent import interpreters
from tracer import trace
def work():
    import fruit
if __name__ == "__main__":
    with trace() as seen:
        inner = interpreters.create()
        inner.{call}
        inner.close()
    print("fruit" in seen.modules, seen.trace.notes)
"""
    assert run(world, program) == ["True ()"]
