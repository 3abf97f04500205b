"""The environment for a run: a replica where every pin is installed, else one that is built."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.base.settings import Settings
from modelenv.environments.errors import BuildFailedError
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.environments.spec import (
    EnvironmentContents,
    EnvironmentRequest,
    Manager,
    request_environment,
)


@pytest.fixture
def python(site: Any) -> Python:
    site.install("alpha", version="1.0")
    site.install("beta", version="2.0+cpu")
    return replace(Python.current(), path=(str(site.root),))


def request(python: Python, *lines: str) -> EnvironmentRequest:
    contents = EnvironmentContents(requirements=lines)
    return request_environment(contents, python, python.installed())


def program(folder: Path, text: str) -> Path:
    """Write a program that stands for uv."""
    file = folder / "uv"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def offline(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "MODELENV_CACHE_DIR": str(folder / "cache")}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["alpha==1.0"], ["alpha"]),
        (["Alpha==1.0.0", "beta==2.0+cpu"], ["alpha", "beta"]),
        ([], []),
        (["alpha==1.1"], None),
        (["alpha==1.0", "gamma==1.0"], None),
        (["alpha==1.0", "gamma==1.0; sys_platform == 'nowhere'"], ["alpha"]),
        (["alpha==1.1; sys_platform != 'nowhere'"], None),
        (["alpha @ https://host/alpha.whl"], None),
    ],
    ids=str,
)
def test_pins_are_looked_up_among_what_is_installed(
    lines: list[str], found: Any, python: Python
) -> None:
    wanted = request(python, *lines)
    names = wanted.distributions and [each.name for each in wanted.distributions]
    assert (names if wanted.distributions is None else list(names or [])) == found


def test_a_replica_is_made_where_all_is_installed_and_gone_afterwards(
    python: Python, temporary: Path
) -> None:
    installed = python.installed()
    wanted = request(python, "alpha==1.0")
    with opened(wanted, installed, Settings({}, None)) as place:
        assert place.label == "a replica"
        assert place.interpreter.executable.is_file()
        assert temporary in place.interpreter.executable.parents
    assert not place.interpreter.executable.exists()


def test_the_interpreter_that_runs_is_taken_when_asked(python: Python) -> None:
    installed = python.installed()
    with opened(request(python), installed, Settings({}, None), "local") as place:
        assert (place.label, place.interpreter.executable) == (
            "this interpreter",
            python.executable,
        )


@pytest.mark.parametrize(
    ("manager", "named"), [("replica", "choose the environment manager"), ("uv", "not on PATH")]
)
def test_a_manager_that_cannot_is_told(manager: Manager, named: str, python: Python) -> None:
    with (
        pytest.raises(WrongUseError, match=named),
        opened(request(python, "gamma==1.0"), python.installed(), Settings({}, None), manager),
    ):
        pytest.fail("it was opened")


def test_what_is_not_installed_is_built_with_uv(python: Python, tmp_path: Path) -> None:
    log = tmp_path / "log"
    venv = f"mkdir -p $root/bin; ln -s {sys.executable} $root/bin/python"
    uv = program(
        tmp_path, f'echo "$@" >> {log}\nfor root; do :; done\n[ $1 != venv ] || {{ {venv}; }}'
    )
    installed = python.installed()
    wanted = request(python, "gamma==1.0")
    with opened(wanted, installed, Settings(offline(tmp_path), uv)) as place:
        assert place.label == "an environment built with uv"
        made, filled = log.read_text().splitlines()
    assert made.startswith("venv ")
    assert filled.startswith("pip install ")
    assert "--no-deps" in filled


@pytest.mark.parametrize("text", ["echo no such version >&2; exit 1", None])
def test_a_build_that_fails_says_what_was_said(
    text: str | None, python: Python, tmp_path: Path
) -> None:
    uv = tmp_path / "absent" if text is None else program(tmp_path, text)
    installed = python.installed()
    wanted = request(python, "gamma==1.0")
    with (
        pytest.raises(BuildFailedError) as caught,
        opened(wanted, installed, Settings(offline(tmp_path), uv), "uv"),
    ):
        pytest.fail("it was opened")
    said = "No such file" if text is None else "no such version"
    assert said in str(caught.value)
    assert str(uv) in str(caught.value)
