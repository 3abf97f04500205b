"""Nothing is lost or torn, and nothing hangs, when much happens at once."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tracer import trace

World = Callable[[Mapping[str, str]], Path]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_64_threads_import_different_packages_at_once(world: World) -> None:
    files = {}
    for number in range(64):
        files[f"pack{number}/__init__.py"] = "from . import one, two\n"
        files[f"pack{number}/one.py"] = "import json\n"
        files[f"pack{number}/two.py"] = "from . import one\n"
    world(files)
    together = threading.Barrier(64)

    def work(number: int) -> None:
        together.wait(60)
        importlib.import_module(f"pack{number}")

    with trace() as seen:
        threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    expected = {f"pack{n}{part}" for n in range(64) for part in ("", ".one", ".two")}
    assert expected <= set(seen.modules)


def test_100000_cached_imports_leave_no_record(world: World) -> None:
    with trace(executed=False, children=False) as seen:
        for _ in range(100_000):
            import json  # noqa: F401
    assert seen.records == ()


@pytest.mark.slow
def test_every_module_of_200_children_is_recorded(world: World) -> None:
    files = {f"made{number}.py": "" for number in range(200)}
    world({**files, "jobs.py": "def work(n):\n    __import__(f'made{n}')\n"})
    jobs: Any = importlib.import_module("jobs")
    context = multiprocessing.get_context("fork")
    with trace() as seen:
        running: list[Any] = []
        for number in range(100):
            running.append(context.Process(target=jobs.work, args=(number,)))
            running[-1].start()
        for first in range(100, 200, 4):
            batch = [
                subprocess.Popen([sys.executable, "-c", f"import made{number}"])
                for number in range(first, first + 4)
            ]
            assert [process.wait(60) for process in batch] == [0] * 4
        for process in running:
            process.join(60)
    assert {f"made{number}" for number in range(200)} <= set(seen.modules)
    assert not [note for note in seen.trace.notes if "torn" in note]


@pytest.mark.slow
def test_every_one_of_5000_modules_is_recorded_in_little_memory(world: World) -> None:
    files = {f"many/part{number}.py": "value = 1\n" for number in range(5000)}
    names = "".join(f"import many.part{number}\n" for number in range(5000))
    world({**files, "many/__init__.py": "", "all_of_them.py": names})
    ours = tracemalloc.Filter(inclusive=True, filename_pattern="*/tracer/*")
    tracemalloc.start()
    try:
        with trace(executed=False, children=False) as seen:
            importlib.import_module("all_of_them")
            during = tracemalloc.take_snapshot().filter_traces([ours])
        assert {f"many.part{number}" for number in range(5000)} <= set(seen.modules)
        after = tracemalloc.take_snapshot().filter_traces([ours])
    finally:
        tracemalloc.stop()
    for snapshot in (during, after):
        assert sum(each.size for each in snapshot.traces) / 5000 <= 1024


@pytest.mark.slow
def test_a_notebook_cell_is_traced(run: Run) -> None:
    if importlib.util.find_spec("IPython") is None:
        pytest.skip("IPython is not installed")
    text = (
        "from IPython.testing.globalipapp import start_ipython\n"
        "shell = start_ipython()\n"
        "shell.run_cell('from tracer import trace').raise_error()\n"
        "cell = 'with trace() as seen:\\n    import plum\\n    plum.make()'\n"
        "shell.run_cell(cell).raise_error()\n"
        "shell.run_cell('import asyncio').raise_error()\n"
        "shell.run_cell('with trace() as later:\\n    await asyncio.sleep(0)\\n    import pear')"
        ".raise_error()\n"
        "record = next(r for r in shell.user_ns['seen'].records if r.name == 'plum')\n"
        "assert (record.importer, record.line) == ('__main__', 2), record\n"
        "assert 'pear' in shell.user_ns['later'].modules\n"
    )
    done = run(text, plum="def make():\n    return 1\n", pear="")
    assert done.returncode == 0, done.stderr
