"""The watch travels: it runs in old interpreters, and believes nothing of the trace but names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tracer
from modelenv.serving.inside import watching

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
    trace = {
        "imports": [{"name": "surely_expected", "loaded": False}],
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
        "[" * 200 + "]" * 200,
    ],
)
def test_a_damaged_trace_names_less(world: Path, trace: str) -> None:
    first, _ = run(Path(sys.executable), known(world, trace), world)
    assert list(first["files"]) == [str(world / "seen.txt"), str(world / "new.txt")]


def test_nothing_is_watched_where_nothing_is_known(world: Path) -> None:
    assert run(Path(sys.executable), None, world) == [{}, {}]
