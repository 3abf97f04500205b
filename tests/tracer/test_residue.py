"""After the block nothing stays, however it ends."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tracer import trace
from tracer.probe.children import temporary_folder

World = Callable[[Mapping[str, str]], Path]


def state() -> dict[str, Any]:
    """Return all that a trace could have left behind."""
    monitoring = getattr(sys, "monitoring", None)
    return {
        "meta_path": list(sys.meta_path),
        "path_hooks": list(sys.path_hooks),
        "path": list(sys.path),
        "profile": sys.getprofile(),
        "later profiles": getattr(threading, "_profile_hook", None),
        "trace": sys.gettrace(),
        "tools": [monitoring.get_tool(tool) for tool in range(6)] if monitoring else [],
        "events": [monitoring.get_events(4)] if monitoring and monitoring.get_tool(4) else [],
        "builtins": dict(vars(builtins)),
        "environment": dict(os.environ),
        "tracer": sorted(name for name in sys.modules if name.startswith(("tracer", "_modelenv"))),
        "folders": sorted(Path(temporary_folder()).glob(f"tracer-{os.getpid()}-*")),
    }


def returns() -> None:
    with trace():
        importlib.import_module("plum")


def raises() -> None:
    with pytest.raises(AttributeError), trace():
        importlib.import_module("plum").absent()


def interrupted() -> None:
    with pytest.raises(KeyboardInterrupt), trace():
        raise KeyboardInterrupt


def fails_to_import() -> None:
    with pytest.raises(ImportError), trace():
        importlib.import_module("not_there_at_all")


def generator_closed() -> None:
    def generator() -> Iterator[int]:
        with trace():
            importlib.import_module("plum")
            yield 1
            yield 2

    iterator = generator()
    next(iterator)
    iterator.close()  # type: ignore[attr-defined]


def task_cancelled() -> None:
    async def work() -> None:
        with trace():
            await asyncio.sleep(60)

    async def cancel() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())


def thread_still_runs() -> None:
    go = threading.Event()
    with trace():
        thread = threading.Thread(target=go.wait, args=(30,))
        thread.start()
    go.set()
    thread.join()


def nested() -> None:
    with trace(), trace(), trace(touched=True):
        importlib.import_module("plum")


def overlapping() -> None:
    first, second = trace(), trace()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)


def others_move_us() -> None:
    with trace():
        sys.meta_path.append(sys.meta_path.pop(0))


@pytest.mark.parametrize(
    "block",
    [
        returns,
        raises,
        interrupted,
        fails_to_import,
        generator_closed,
        task_cancelled,
        thread_still_runs,
        nested,
        overlapping,
        others_move_us,
    ],
)
def test_all_is_as_before(world: World, block: Callable[[], None]) -> None:
    world({"plum.py": ""})
    with trace():  # what the tracer itself loads late is there by now
        pass
    before = state()
    block()
    assert state() == before


def test_an_import_costs_nothing_after_the_block(world: World) -> None:
    world({"plum.py": ""})
    with trace() as seen:
        pass
    importlib.import_module("plum")
    assert "plum" not in seen.modules
