from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import importlib.util
import os
import pickle
import sys
import threading
import types
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tracer import ImportRecord, Observation, Trace, trace

World = Callable[[Mapping[str, str]], Path]

PACKAGE = {
    "colour/__init__.py": "from . import paint\n",
    "colour/paint.py": "def mix():\n    import colour.late\n    return 3\n",
    "colour/late.py": "",
}


def quick() -> Observation:
    """Trace first imports alone."""
    return trace(executed=False, children=False)


def record_of(seen: Observation | Trace, name: str) -> ImportRecord:
    return next(record for record in seen.records if record.name == name)


def test_a_first_import_is_recorded_with_its_file_importer_and_line(world: World) -> None:
    folder = world(PACKAGE)
    with quick() as seen:
        import colour  # type: ignore[import-not-found]

        colour.paint.mix()
    assert [r.name for r in seen.records] == ["colour", "colour.paint", "colour.late"]
    late = record_of(seen, "colour.late")
    assert late.file == str(folder / "colour" / "late.py")
    assert (late.importer, late.line) == ("colour.paint", 2)
    assert late.importer_file == str(folder / "colour" / "paint.py")
    assert record_of(seen, "colour").importer == __name__


def test_a_failed_import_tells_its_error_and_that_it_was_caught(world: World) -> None:
    world({"needs.py": "try:\n    import missing_one\nexcept ImportError:\n    pass\n"})
    with quick() as seen:
        import needs  # type: ignore[import-not-found] # noqa: F401
    failed = record_of(seen, "missing_one")
    assert (failed.loaded, failed.error, failed.caught) == (False, "ModuleNotFoundError", True)
    assert seen.failed == ("missing_one",)


def test_an_error_that_ends_the_block_was_not_caught(world: World) -> None:
    world({"needs.py": "import missing_two\n"})
    seen = quick()
    with pytest.raises(ModuleNotFoundError), seen:
        importlib.import_module("needs")
    assert record_of(seen, "missing_two").caught is False
    assert not record_of(seen, "needs").loaded


def test_a_module_that_raises_is_not_loaded(world: World) -> None:
    world({"broken.py": "import colorsys\nraise ValueError('no')\n"})
    with trace(children=False) as seen, pytest.raises(ValueError, match="no"):
        importlib.import_module("broken")
    broken = record_of(seen, "broken")
    assert not broken.loaded
    assert broken.file is None
    if sys.version_info >= (3, 12):
        assert broken.error == "ValueError"


def test_a_question_whether_a_module_exists_is_no_import(world: World) -> None:
    world({"there.py": ""})
    with quick() as seen:
        assert importlib.util.find_spec("there") is not None
    assert record_of(seen, "there").how == "looked"
    assert seen.modules == ()


def test_modules_imported_by_an_unpickler_count_as_the_blocks_own(world: World) -> None:
    world({"shape.py": "class Circle:\n    pass\n"})
    module = types.ModuleType("shape")
    circle = type("Circle", (), {"__module__": "shape"})
    module.Circle = circle  # type: ignore[attr-defined]
    sys.modules["shape"] = module
    data = pickle.dumps(circle())
    del sys.modules["shape"]
    with quick() as seen:
        pickle.loads(data)
    assert record_of(seen, "shape").importer == __name__


def test_who_loads_an_entry_point_is_its_importer(world: World) -> None:
    world({"plugin.py": "class Plugin:\n    pass\n"})
    with quick() as seen:
        importlib.metadata.EntryPoint("p", "plugin:Plugin", "plugins").load()
    assert record_of(seen, "plugin").importer == __name__


def test_every_thread_is_seen(world: World) -> None:
    world({f"part{n}.py": "import decimal\n" for n in range(8)})
    with quick() as seen:
        threads = [
            threading.Thread(target=importlib.import_module, args=(f"part{n}",)) for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {f"part{n}" for n in range(8)} <= set(seen.modules)


def test_reloading_lazy_and_zipped_modules_are_seen(world: World, tmp_path: Path) -> None:
    folder = world({"again.py": "", "lazy.py": "import again\nvalue = 1\n"})
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("zipped.py", "")
    sys.path.insert(0, str(folder / "packed.zip"))
    try:
        import again  # type: ignore[import-not-found]

        with quick() as seen:
            importlib.reload(again)
            importlib.import_module("zipped")
            spec = importlib.util.find_spec("lazy")
            assert spec is not None
            assert spec.loader is not None
            spec.loader = importlib.util.LazyLoader(spec.loader)
            module = importlib.util.module_from_spec(spec)
            sys.modules["lazy"] = module
            spec.loader.exec_module(module)
            asleep = type(module)
        assert type(module) is asleep, "looking at a lazy module woke it"
    finally:
        sys.path.remove(str(folder / "packed.zip"))
    assert {"again", "zipped"} <= set(seen.modules)
    assert str(record_of(seen, "zipped").file).endswith("zipped.py")
    assert record_of(seen, "lazy").file == str(folder / "lazy.py")


def test_frozen_and_builtin_modules_have_no_file() -> None:
    sys.modules.pop("__hello__", None)
    sys.modules.pop("_xxsubinterpreters", None)
    with quick() as seen:
        importlib.import_module("__hello__")
    assert record_of(seen, "__hello__").loaded


def test_code_that_was_made_by_exec_is_named_by_its_module(world: World) -> None:
    world({"made.py": ""})
    with quick() as seen:
        exec("import made", {"__name__": "generated"})
    assert record_of(seen, "made").importer == "generated"


def test_modules_put_in_or_taken_out_by_hand_are_told(world: World) -> None:
    sys.modules["taken_by_hand"] = types.ModuleType("taken_by_hand")
    with quick() as seen:
        sys.modules["put_by_hand"] = types.ModuleType("put_by_hand")
        del sys.modules["taken_by_hand"]
    del sys.modules["put_by_hand"]
    assert record_of(seen, "put_by_hand").how == "appeared"
    assert record_of(seen, "taken_by_hand").how == "removed"
    assert not record_of(seen, "taken_by_hand").loaded


def test_a_module_that_replaces_itself_is_loaded(world: World) -> None:
    world({"chameleon.py": "import sys\nsys.modules[__name__] = sys.modules['sys']\n"})
    with quick() as seen:
        import chameleon  # type: ignore[import-not-found] # noqa: F401
    assert record_of(seen, "chameleon").loaded


def test_traces_nest_and_each_sees_its_own_block(world: World) -> None:
    world({"outer_only.py": "", "inner.py": ""})
    with trace() as outer:
        importlib.import_module("outer_only")
        with trace() as nested:
            importlib.import_module("inner")
    assert "inner" in nested.modules
    assert "outer_only" not in nested.modules
    assert {"inner", "outer_only"} <= set(outer.modules)


def test_many_threads_trace_at_once(world: World) -> None:
    world({f"own{n}.py": "" for n in range(12)})
    seen: dict[int, tuple[str, ...]] = {}
    together = threading.Barrier(12)

    def work(number: int) -> None:
        with trace() as observed:
            together.wait(30)
            importlib.import_module(f"own{number}")
            together.wait(30)
        seen[number] = observed.modules

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(f"own{n}" in seen[n] for n in range(12))


def test_a_block_with_await_in_it_is_traced(world: World) -> None:
    world({"awaited.py": ""})

    async def work() -> Observation:
        with quick() as seen:
            await asyncio.sleep(0)
            importlib.import_module("awaited")
        return seen

    assert "awaited" in asyncio.run(work()).modules


def test_as_a_decorator_it_unites_all_calls(world: World) -> None:
    world({"first.py": "", "second.py": ""})
    seen = quick()

    @seen
    def load(name: str) -> str:
        """Load."""
        return importlib.import_module(name).__name__

    assert load("first") == "first"
    assert load("second") == "second"
    assert load.__doc__ == "Load."
    assert {"first", "second"} <= set(seen.modules)


def test_coroutines_and_generators_are_traced_while_they_run(world: World) -> None:
    world({"in_coroutine.py": "", "in_generator.py": ""})
    seen = quick()

    @seen
    async def coroutine() -> int:
        await asyncio.sleep(0)
        importlib.import_module("in_coroutine")
        return 1

    @seen
    def generator() -> Iterator[int]:
        importlib.import_module("in_generator")
        yield 1
        yield 2

    assert asyncio.run(coroutine()) == 1
    iterator = generator()
    assert next(iterator) == 1
    iterator.close()  # type: ignore[attr-defined]
    assert {"in_coroutine", "in_generator"} <= set(seen.modules)


def test_inside_the_block_the_trace_is_what_was_seen_so_far(world: World) -> None:
    world({"early.py": "", "late.py": ""})
    with quick() as seen:
        importlib.import_module("early")
        assert "early" in seen.modules
        importlib.import_module("late")
    assert {"early", "late"} <= set(seen.modules)


def test_times_of_imports_add_up(world: World) -> None:
    world(
        {
            "slow.py": "import time, slower\ntime.sleep(0.02)\n",
            "slower.py": "import time\ntime.sleep(0.05)\n",
            "after.py": "",
        }
    )
    with trace(children=False) as seen:
        importlib.import_module("slow")
        importlib.import_module("after")
    outer, inner = record_of(seen, "slow"), record_of(seen, "slower")
    assert outer.seconds is not None
    assert inner.seconds is not None
    assert outer.seconds >= inner.seconds >= 0.05
    assert outer.own_seconds is not None
    assert outer.own_seconds == pytest.approx(outer.seconds - inner.seconds, abs=1e-3)
    assert outer.measured
    assert inner.measured


def test_a_module_that_asks_for_itself_has_not_ended(world: World) -> None:
    text = "import importlib, time\nimportlib.import_module(__name__)\ntime.sleep(0.02)\n"
    world({"selfish.py": text})
    with trace(children=False) as seen:
        importlib.import_module("selfish")
    record = record_of(seen, "selfish")
    assert record.measured
    assert record.seconds is not None
    assert record.seconds >= 0.02


def test_without_a_watcher_times_are_marked_as_estimates(world: World) -> None:
    world({"guessed.py": "", "after.py": ""})
    with quick() as seen:
        importlib.import_module("guessed")
        importlib.import_module("after")
    assert record_of(seen, "guessed").seconds is not None
    assert not record_of(seen, "guessed").measured


def test_a_module_sees_no_difference_in_its_spec_and_loader(world: World) -> None:
    source = "import pkgutil, inspect, sys\nloader = type(__loader__).__name__\n"
    world({"mirror/__init__.py": source, "mirror/data.txt": "text"})
    with trace() as seen:
        import mirror  # type: ignore[import-not-found]
    assert mirror.loader == "SourceFileLoader"
    assert type(mirror.__spec__).__name__ == "ModuleSpec"
    assert mirror.pkgutil.get_data("mirror", "data.txt") == b"text"
    assert mirror.inspect.getsource(mirror) == source
    assert "mirror" in seen.modules


def test_a_trace_in_a_forked_child_does_not_remove_the_parents_records(world: World) -> None:
    world({"in_child.py": "", "in_parent.py": ""})
    with trace() as seen:
        child = os.fork()
        if child == 0:
            importlib.import_module("in_child")
            os._exit(0)
        os.waitpid(child, 0)
        importlib.import_module("in_parent")
    assert {"in_child", "in_parent"} <= set(seen.modules)
