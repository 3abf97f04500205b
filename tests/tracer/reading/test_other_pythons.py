"""Children of another Python: another version, or another environment of this one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import read_spool, trace, trace_program

from ...small_worlds import notes_of

World = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Make another environment of this Python, with one library in it; return its interpreter."""
    root = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    site = next(root.glob("[Ll]ib/**/site-packages"))
    (site / "lib_there.py").write_text("import surely_absent\n")
    return root / "bin" / "python"


def test_what_a_child_of_another_environment_imports_is_not_the_blocks(
    world: World, other: Path
) -> None:
    world({"plum.py": ""})
    code = "try:\n    import lib_there\nexcept ImportError:\n    import plum"
    with trace() as seen:
        subprocess.run([str(other), "-c", code], check=True)
    assert not {"lib_there", "surely_absent", "plum"} & {each.name for each in seen.records}
    (note,) = notes_of(seen.trace)
    assert note.startswith("unseen: another Python ran as a child")
    assert str(other) in note


def test_what_a_child_of_another_version_imports_is_not_the_blocks(
    world: World, python: Path
) -> None:
    if python.samefile(sys.executable):
        pytest.skip("this one is no other")
    world({"plum.py": ""})
    with trace() as seen:
        subprocess.run([str(python), "-c", "import plum, colorsys"], check=True)
    assert not {"plum", "colorsys"} & set(seen.modules)
    (note,) = notes_of(seen.trace)
    assert "another Python ran as a child" in note


def test_a_child_of_this_python_below_another_one_is_the_blocks(world: World, other: Path) -> None:
    world({"plum.py": ""})
    inner = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', 'import plum'])"
    with trace() as seen:
        subprocess.run([str(other), "-c", inner], check=True)
    assert "plum" in seen.modules
    assert len(notes_of(seen.trace)) == 1


def test_what_another_python_forks_is_another_python_too(world: World, other: Path) -> None:
    world({"plum.py": ""})
    code = "import os\nif os.fork():\n    os.wait()\nelse:\n    import plum"
    with trace() as seen:
        subprocess.run([str(other), "-c", code], check=True)
    assert "plum" not in seen.modules
    assert len(notes_of(seen.trace)) == 1


def test_another_python_that_ran_before_an_inner_trace_is_told_apart_in_that_too(
    world: World, other: Path
) -> None:
    world({"plum.py": ""})
    code = "print(flush=True); input(); import plum"
    with trace():
        command = [str(other), "-c", code]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            with trace() as seen:
                child.communicate("\n")
    assert "plum" not in seen.modules


def test_another_python_is_told_apart_in_a_spool_and_in_a_program(
    world: World, other: Path
) -> None:
    world({"plum.py": "", "pear.py": ""})
    text = f"import pear, subprocess; subprocess.run([{str(other)!r}, '-c', 'import plum'])"
    code, seen = trace_program(["-c", text])
    assert code == 0
    assert "pear" in seen.modules
    assert "plum" not in seen.modules
    assert any(str(other) in note for note in seen.notes)


def test_the_data_that_another_python_reads_is_seen(world: World, other: Path) -> None:
    folder = world({"data.txt": "1"})
    with trace(touched=True) as seen:
        subprocess.run([str(other), "-c", "open('data.txt').read()"], check=True)
    assert str(folder / "data.txt") in seen.trace.touched("file")
    assert not seen.trace.touched("library")


def test_a_spool_of_one_process_that_says_no_interpreter_is_read(tmp_path: Path) -> None:
    file = tmp_path / "1-0.jsonl"
    file.write_text('["process",2,1,0,"fresh","python",0]\n["module","plum","plum.py",""]\n')
    assert read_spool(tmp_path).modules == ("plum",)
