"""For a Python that is too old the nearest one with wheels for the pins is named."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.base.siblings import resolver
from modelenv.environments.errors import PythonTooOldError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import check_age
from modelenv.environments.spec import EnvironmentContents, EnvironmentRequest, request_environment


def asked(python: str, *lines: str) -> EnvironmentRequest:
    contents = EnvironmentContents(requirements=lines, python=python, closed=False)
    return request_environment(contents, Python.current(), resolver.Installed.current())


@pytest.fixture
def tagged(wheels: Any) -> Callable[..., None]:
    """Return a function that adds wheels which suit some Pythons alone."""

    def add(name: str, version: str, *tags: str) -> None:
        for tag in tags:
            file = wheels.add(name, version)
            file.replace(file.with_name(f"{name}-{version}-{tag}-none-any.whl"))

    return add


@pytest.mark.parametrize(
    ("python", "lines", "nearest"),
    [
        ("3.6.9", ["kiln==1.0"], "3.8"),
        ("3.7", ["kiln==1.0", "grinder==2.0"], "3.9"),
        ("3.7.17", ["grinder==2.0", "lathe==3.0", "floating"], "3.11"),
        ("2.7.18", ["kiln==1.0", 'press==1.0; python_version < "3.8"'], "3.8"),
        ("3.6", ["old==0.1"], None),
        ("3.6.15", ["kiln==1.0", "nobody==9.9"], None),
    ],
)
def test_the_nearest_with_wheels_for_all_pins(
    python: str, lines: list[str], nearest: str | None, tagged: Callable[..., None]
) -> None:
    tagged("kiln", "1.0", "py3")
    tagged("grinder", "2.0", "cp39", "cp310", "cp311")
    tagged("lathe", "3.0", "cp311", "cp312")
    tagged("old", "0.1", "cp36", "cp37")
    with pytest.raises(PythonTooOldError) as caught:
        check_age(asked(python, *lines))
    assert caught.value.nearest == nearest
    text = str(caught.value)
    assert text.startswith(f"the model needs Python {python}, and models are run with Python 3.8")
    if nearest is None:
        assert lines[-1] in text
    else:
        assert f"the nearest that has wheels for its pins is Python {nearest}: write" in text


@pytest.mark.parametrize("python", ["3.8", "3.8.18", "3.12.1", "3.15"])
def test_one_that_is_old_enough_is_left_alone(python: str) -> None:
    check_age(asked(python, "kiln==1.0"))


@pytest.mark.parametrize("manager", ["auto", "virtualenv"])
def test_a_run_says_so_before_it_looks_for_such_a_python(
    manager: Any, tagged: Callable[..., None], tmp_path: Path
) -> None:
    tagged("kiln", "1.0", "cp310")
    (tmp_path / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
        "    python_version: 3.6.9\n"
    )
    (tmp_path / "requirements.txt").write_text("kiln==1.0\n")
    with pytest.raises(WrongUseError, match=r"is Python 3\.10: write that into python_env"):
        modelenv.verify(tmp_path, env_manager=manager)


def test_where_no_index_answers_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(PythonTooOldError, match="could not be asked"):
        check_age(asked("3.6.9", "kiln==1.0"))
