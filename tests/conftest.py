"""Shared fixtures of all tests: the Hypothesis profiles, and uv."""

from __future__ import annotations

import compileall
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from modelenv.base.settings import find_uv

from .small_worlds import index, installed_site, model, snapshot, wheels

__all__ = ["index", "installed_site", "model", "snapshot", "wheels"]

settings.register_profile("fast", max_examples=20, deadline=None)
settings.register_profile("dev", max_examples=100, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


ROOT = Path(__file__).parent.parent
PACKAGES = ("tracer", "resolver", "envfiles", "modelenv")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the packages once for the hundreds of processes that import them.

    Where PYTHONDONTWRITEBYTECODE is set, as in all that we start, each would do it anew.
    """
    if not hasattr(session.config, "workerinput"):
        for package in PACKAGES:
            compileall.compile_dir(ROOT / package, quiet=2)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long bytes by their number: packed ones hold the time at which they were made."""
    return f"{argname}: {len(val)} bytes" if isinstance(val, bytes) and len(val) > 20 else None


@pytest.fixture(autouse=True)
def path_as_it_was() -> Iterator[None]:
    """Leave the path as it was, whoever changed it: set up first, it is undone last.

    What a test has installed there would else be found before what a later one installs.
    """
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.fixture
def uv() -> str:
    """The uv program, which the tests are installed with."""
    found = find_uv(os.environ.get("PATH"))
    if found is None:
        pytest.skip("there is no uv")
    return str(found)
