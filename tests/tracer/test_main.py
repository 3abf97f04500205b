from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import Trace

World = Callable[[Mapping[str, str]], Path]

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = (
    "import sys, plum\n"
    "print(sys.argv, __name__, __file__, type(__spec__), sys.path[0], list(globals()))\n"
    "print(sys.modules['__main__'].__dict__ is globals())\n"
)


def python(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("script.py", "-o", "its own"),
        ("-m", "package.tool", "-x"),
        ("-m", "package", "--tree"),
        ("-c", "import sys; print(sys.argv); sys.exit(7)", "word"),
        ("raising.py",),
        ("-c", "import sys; sys.exit('words')"),
        ("absent.py",),
    ],
)
def test_a_program_behaves_as_without_a_trace(world: World, words: tuple[str, ...]) -> None:
    world(
        {
            "script.py": SCRIPT,
            "plum.py": "",
            "package/__init__.py": "",
            "package/__main__.py": SCRIPT,
            "package/tool.py": SCRIPT,
            "raising.py": "def inner():\n    raise ValueError('no')\ninner()\n",
        }
    )
    plain = python(*words)
    traced = python("-m", "tracer", "-o", "trace.jsonl", *words)
    assert traced.returncode == plain.returncode
    assert traced.stdout == plain.stdout
    assert traced.stderr == plain.stderr


def test_the_trace_goes_to_the_file_that_is_named(world: World) -> None:
    folder = world({"script.py": SCRIPT, "plum.py": ""})
    python("-m", "tracer", "-o", "trace.jsonl", "script.py")
    seen = Trace.from_jsonl(Path("trace.jsonl").read_text())
    plum = next(record for record in seen.records if record.name == "plum")
    assert (plum.importer, plum.importer_file, plum.line) == (
        "__main__",
        str(folder / "script.py"),
        1,
    )


def test_without_a_file_a_table_goes_to_standard_error(world: World) -> None:
    world({"script.py": SCRIPT, "plum.py": ""})
    table = python("-m", "tracer", "script.py").stderr
    assert table.startswith("package ")
    assert "plum " in table
    assert "  plum  " in python("-m", "tracer", "--tree", "script.py").stderr


def test_a_program_that_a_signal_kills_kills_the_tracer_by_it(world: World) -> None:
    world(
        {
            "dying.py": "import plum, os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n",
            "plum.py": "",
        }
    )
    done = python("-m", "tracer", "-o", "trace.jsonl", "dying.py")
    assert done.returncode == -signal.SIGTERM
    assert "plum" in Trace.from_jsonl(Path("trace.jsonl").read_text()).modules


@pytest.mark.parametrize("words", [(), ("-o",), ("-o", "absent/x.jsonl", "script.py"), ("--odd",)])
def test_wrong_use_is_exit_code_2(world: World, words: tuple[str, ...]) -> None:
    world({"script.py": ""})
    done = python("-m", "tracer", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
