"""Records of failed imports: the error's class, and whether it was caught."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import ImportRecord, Observation, trace

World = Callable[[Mapping[str, str]], Path]

MONITORED = sys.version_info >= (3, 12)
needs_monitoring = pytest.mark.skipif(not MONITORED, reason="before Python 3.12 it is a guess")


def failure(seen: Observation, name: str) -> ImportRecord:
    (record,) = (record for record in seen.records if record.name == name)
    assert not record.loaded
    return record


@needs_monitoring
def test_a_function_that_lets_the_error_through_did_not_catch_it(world: World) -> None:
    world(
        {
            "asks.py": "def plain():\n    import absent_one\n"
            "def package():\n    from holder import absent_two\n"
            "def call():\n    import importlib\n    importlib.import_module('absent_three')\n",
            "holder/__init__.py": "",
        }
    )
    asks = importlib.import_module("asks")
    with trace(children=False) as seen:
        for ask in (asks.plain, asks.package, asks.call):
            with pytest.raises(ImportError):
                ask()
    for name in ("absent_one", "holder.absent_two", "absent_three"):
        assert failure(seen, name).caught is False, name


@pytest.mark.parametrize("executed", [True, False])
def test_a_function_that_catches_the_error_caught_it(world: World, executed: bool) -> None:
    world(
        {
            "asks.py": "def plain():\n    try:\n        import absent_one\n"
            "    except ImportError:\n        raise_later()\n"
            "def raise_later():\n    raise KeyError\n"
            "def package():\n    try:\n        from holder import absent_two\n"
            "    except ImportError:\n        return 1\n",
            "holder/__init__.py": "",
        }
    )
    asks = importlib.import_module("asks")
    with trace(children=False, executed=executed) as seen:
        with pytest.raises(KeyError):
            asks.plain()
        asks.package()
    assert failure(seen, "absent_one").caught
    assert failure(seen, "holder.absent_two").caught


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize(
    ("statement", "name", "error"),
    [
        ("import absent_one", "absent_one", "ModuleNotFoundError"),
        ("from holder import absent_two", "holder.absent_two", "ImportError"),
        ("import divides", "divides", "ZeroDivisionError"),
        ("import refuses", "refuses", "ImportError"),
    ],
)
def test_what_ends_the_block_was_not_caught_and_is_named_by_its_class(
    world: World, executed: bool, statement: str, name: str, error: str
) -> None:
    world({"holder/__init__.py": "", "divides.py": "1 / 0\n", "refuses.py": "raise ImportError\n"})
    seen = trace(children=False, executed=executed)
    with pytest.raises((ImportError, ZeroDivisionError)), seen:
        exec(statement, {"__name__": "block"})
    assert (failure(seen, name).error, failure(seen, name).caught) == (error, False)


@pytest.mark.parametrize(
    ("source", "error"), [("1 / 0\n", "ZeroDivisionError"), ("(\n", "SyntaxError")]
)
def test_the_class_of_an_error_that_was_caught_is_named_where_it_can_be_seen(
    world: World, source: str, error: str
) -> None:
    world({"sick.py": source})
    with trace(children=False) as seen, pytest.raises((ZeroDivisionError, SyntaxError)):
        importlib.import_module("sick")
    if MONITORED:
        assert failure(seen, "sick").error == error


@pytest.mark.skipif(MONITORED, reason="there it is known")
def test_an_error_that_is_not_known_is_not_said_to_be_one(world: World) -> None:
    world({"sick.py": "1 / 0\n"})
    with trace(children=False) as seen, pytest.raises(ZeroDivisionError):
        importlib.import_module("sick")
    assert failure(seen, "sick").error is None


@needs_monitoring
def test_a_module_that_is_kept_out_by_hand_is_a_failed_import(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world({})
    monkeypatch.setitem(sys.modules, "kept_out", None)
    with trace(children=False) as seen, pytest.raises(ImportError):
        importlib.import_module("kept_out")
    assert failure(seen, "kept_out").importer == __name__


def test_a_second_try_that_succeeds_leaves_no_failure(world: World) -> None:
    folder = world({})
    with trace(children=False) as seen:
        with pytest.raises(ImportError):
            importlib.import_module("comes_later")
        (folder / "comes_later.py").write_text("")
        importlib.invalidate_caches()
        importlib.import_module("comes_later")
    (record,) = (record for record in seen.records if record.name == "comes_later")
    assert (record.loaded, record.error, record.caught) == (True, None, None)
    assert seen.failed == ()


def test_a_module_that_the_block_imports_and_removes_was_loaded(world: World) -> None:
    world({"passing.py": "", "after.py": ""})
    with trace(children=False) as seen:
        importlib.import_module("passing")
        del sys.modules["passing"]
        importlib.import_module("after")
    hows = {record.how for record in seen.records if record.name == "passing"}
    assert hows == {"imported", "removed"}
    assert "passing" in seen.modules
    assert seen.failed == ()
