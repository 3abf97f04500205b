"""The watch travels: it runs in old interpreters, and believes nothing of the trace but names."""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracer
from modelenv.serving.inside import watching
from modelenv.serving.workers.journal import read_journal

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
OLDEST = next(iter(sorted(PYENV.glob("3.8.*/bin/python"))), Path(sys.executable))
SCRIPT = """
import json, runpy, sys
watcher = runpy.run_path(sys.argv[1])["Watcher"](json.loads(sys.argv[2]))
import colorsys
open(sys.argv[3] + "/warm.txt").close()
watcher.begin()
for name in ("seen", "own/kept", "new", "warm"):
    open("%s/%s.txt" % (sys.argv[3], name)).close()
for name in ("surely_expected", "surely_absent"):
    try:
        __import__(name)
    except ImportError:
        pass
print(json.dumps([watcher.taken(), watcher.taken()]))
"""

DYING = """
import json, os, runpy, sys
watcher = runpy.run_path(sys.argv[1])["Watcher"](json.loads(sys.argv[2]))
watcher.begin()
open(sys.argv[3] + "/new.txt").close()
if sys.argv[4] == "0":
    watcher.taken()
os._exit(7)
"""


def run(python: Path, known: Any, folder: Path) -> list[dict[str, dict[str, Any]]]:
    """Watch a small program, and return what two looks at it tell."""
    words = [str(python), "-B", "-c", SCRIPT, watching.__file__, json.dumps(known), str(folder)]
    # What is in the folder for temporary files is no model's matter.
    environment = {**os.environ, "TMPDIR": str(folder / "temporary")}
    ended = subprocess.run(words, capture_output=True, check=True, cwd=os.sep, env=environment)
    told: list[dict[str, dict[str, Any]]] = json.loads(ended.stdout)
    return told


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with a few files, one of them the model's own."""
    folder = tmp_path / "world"
    (folder / "own").mkdir(parents=True)
    (folder / "temporary").mkdir()
    for name in ("seen", "own/kept", "new", "warm"):
        (folder / f"{name}.txt").write_text("")
    return folder


def known(folder: Path, trace: object) -> dict[str, Any]:
    """Return what a worker is told, with a trace of that content."""
    file = folder / "own" / "trace.json"
    file.write_text(trace if isinstance(trace, str) else json.dumps(trace))
    own = [str(folder / "own")]
    return {"probe": str(tracer.probe_folder()), "own": own, "trace": str(file), "hosts": []}


@pytest.mark.parametrize("python", sorted({OLDEST, Path(sys.executable)}))
def test_what_is_new_is_told_in_every_python(world: Path, python: Path) -> None:
    seen = [[0, "surely", None, None, 1], [0, "surely_expected", None, None, 1]]
    trace = {
        "schema": 2,
        "imports": [{"phase": "load", "seen": seen}],
        "touches": [
            {"kind": "file", "name": str(world / "seen.txt")},
            {"kind": "metadata", "name": "kiln"},
        ],
    }
    first, second = run(python, known(world, trace), world)
    assert {kind: list(names) for kind, names in first.items()} == {
        "files": [str(world / "new.txt")],
        "imports": ["surely_absent"],
    }
    assert second == {}


@pytest.mark.parametrize(
    "trace",
    [
        "",
        "[",
        "[]",
        "{}",
        '{"imports": 3}',
        '{"imports": [{}]}',
        '{"imports": [], "touches": [{"kind": ["file"], "name": "x"}]}',
        '{"imports": [{"name": ["x"]}], "touches": []}',
        '{"imports": [{"name": 7}], "touches": [{"kind": "file", "name": null}]}',
        '{"schema": 2, "imports": [], "touches": [{"kind": ["file"], "name": "x"}]}',
        '{"schema": 2, "imports": [{"seen": [[0, 7, 0, 0, 0]]}], "touches": []}',
        '{"schema": 2, "imports": [{"seen": [["x", "a"], [0]]}], "touches": []}',
        '{"schema": 2, "imports": [{"seen": 7}], "touches": []}',
        '{"schema": 2, "imports": {"seen": []}, "touches": []}',
        "[" * 200 + "]" * 200,
    ],
)
def test_a_damaged_trace_names_less(world: Path, trace: str) -> None:
    first, _ = run(Path(sys.executable), known(world, trace), world)
    assert list(first["files"]) == [str(world / "seen.txt"), str(world / "new.txt")]


def test_what_is_new_stands_in_a_journal_until_it_is_taken(world: Path) -> None:
    journal = world / "temporary" / "journal.jsonl"
    watched = {**known(world, ""), "journal": str(journal)}
    words = [sys.executable, "-B", "-c", DYING, watching.__file__, json.dumps(watched), str(world)]
    for end, told in (("0", {}), ("1", {"files": {str(world / "new.txt")}})):
        environment = {**os.environ, "TMPDIR": str(world / "temporary")}
        ended = subprocess.run([*words, end], check=False, cwd=os.sep, env=environment)
        assert ended.returncode == 7
        found = read_journal(journal)
        assert {kind: set(names) for kind, names in found.items()} == told


@pytest.mark.parametrize("text", ["[", "[]\n7\n", '["files", "x"]\n', '["files", 7, null]\n', "\0"])
def test_a_journal_is_not_believed(tmp_path: Path, text: str) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text(text + '\n["files", "/x", "y.py:1"]\n["files"')
    assert read_journal(journal) == {"files": {"/x": {"by": "y.py:1", "count": 1}}}
    assert read_journal(tmp_path) == read_journal(tmp_path / "absent") == {}
    link = tmp_path / "link.jsonl"
    link.symlink_to(journal)
    assert read_journal(link) == {}


def missing_metadata() -> None:
    importlib.metadata.version("surely-absent")


def missing_library() -> None:
    ctypes.CDLL("libsurely_absent.so.3")


def missing_module() -> None:
    import surely_absent  # type: ignore[import-not-found]  # noqa: F401


def missing_name() -> None:
    from json import surely_absent  # type: ignore[attr-defined]  # noqa: F401


def missing_file() -> None:
    Path("/surely/absent.txt").read_text()


def caused() -> None:
    try:
        missing_module()
    except ImportError as error:
        raise RuntimeError("no such thing") from error


def followed() -> None:
    try:
        missing_module()
    except ImportError:
        raise ValueError("install surely_absent") from None


def endless() -> None:
    error = ValueError("x")
    error.__cause__ = error
    raise error


@pytest.mark.parametrize(
    ("fails", "wanted"),
    [
        (missing_metadata, [["metadata", "surely-absent"]]),
        (missing_module, [["imports", "surely_absent"]]),
        (missing_name, [["imports", "json.surely_absent"]]),
        (missing_file, [["files", "/surely/absent.txt"]]),
        (caused, [["imports", "surely_absent"]]),
        (followed, [["imports", "surely_absent"]]),
        (endless, []),
        pytest.param(
            missing_library,
            [["libraries", "libsurely_absent.so.3"]],
            marks=pytest.mark.skipif(sys.platform != "linux", reason="others say it otherwise"),
        ),
    ],
)
def test_what_a_request_failed_for(fails: Callable[[], None], wanted: list[list[str]]) -> None:
    with pytest.raises(Exception) as failed:  # noqa: PT011  # each has its own
        fails()
    assert watching.wanted(failed.value) == wanted


def test_nothing_is_watched_where_nothing_is_known(world: Path) -> None:
    assert run(Path(sys.executable), None, world) == [{}, {}]
