from __future__ import annotations

import importlib
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import CallFailedError, trace_call

World = Callable[[Mapping[str, str]], Path]

MODEL = {
    "forecast.py": (
        "import weather\n"
        "def predict(days, *, unit='C'):\n    import later\n    return [unit] * days\n"
        "def fail():\n    import later\n    raise KeyError('no')\n"
        "def vanish():\n    import os, later\n    os._exit(3)\n"
        "def hang():\n    import time\n    time.sleep(60)\n"
    ),
    "weather.py": "",
    "later.py": "",
}


def test_a_call_returns_its_value_and_what_it_touched_by_phase(world: World) -> None:
    world(MODEL)
    forecast = importlib.import_module("forecast")
    called = trace_call(forecast.predict, 2, unit="F")
    assert called.value == ["F", "F"]
    phases = {record.name: (record.phase, record.importer) for record in called.trace.records}
    assert phases["forecast"] == ("load", None)
    assert phases["weather"] == ("load", "forecast")
    assert phases["later"] == ("call", "forecast")


def test_a_function_without_a_module_travels_by_value(world: World) -> None:
    pytest.importorskip("cloudpickle")
    world(MODEL)
    assert trace_call(lambda: sys.executable).value == sys.executable


@pytest.mark.parametrize(("name", "reason"), [("fail", "KeyError: 'no'"), ("vanish", "code 3")])
def test_a_call_that_fails_still_has_its_trace(world: World, name: str, reason: str) -> None:
    world(MODEL)
    forecast = importlib.import_module("forecast")
    with pytest.raises(CallFailedError, match=reason) as caught:
        trace_call(getattr(forecast, name))
    assert "later" in caught.value.trace.modules
    assert str(caught.value).startswith(f"{name} did not return")
    assert vars(pickle.loads(pickle.dumps(caught.value))) == vars(caught.value)


def test_a_call_that_hangs_is_ended(world: World) -> None:
    world(MODEL)
    forecast = importlib.import_module("forecast")
    with pytest.raises(CallFailedError, match="still ran"):
        trace_call(forecast.hang, timeout=2.0)


def test_the_environment_is_as_before(world: World) -> None:
    world(MODEL)
    before = dict(os.environ)
    trace_call(os.getcwd)
    assert dict(os.environ) == before
