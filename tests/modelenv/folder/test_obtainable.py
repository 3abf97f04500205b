"""A version that a builder numbered or labelled anew, which no index has, ends no build."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings
from modelenv.base.siblings import resolver
from modelenv.environments import managers
from modelenv.environments.interpreter import Python
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.change.obtainable import obtainable
from modelenv.seal.choose import SealRequest

HERE = resolver.Target.current()
NOTHING = resolver.Lines()


def taken(*lines: str) -> list[str]:
    return obtainable(lines, HERE, NOTHING)[0]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("setuptools==52.0.0.post20210125", "setuptools==52.0.0"),
        ("setuptools==58.0.4.post20211013", "setuptools==52.0.0"),
        ("setuptools==36.5.0.post20170921", "setuptools==52.0.0"),
        ("pip==21.0.1.post1", "pip==21.0.1"),
        ("wheel==0.36.2+local.1", "wheel==0.36.2"),
        ("kiln[x]===1.0+cu111", "kiln[x]==1.0"),
        ('kiln==1.0.post3; python_version>"3"', 'kiln==1.0; python_version > "3"'),
    ],
)
def test_the_nearest_that_can_be_had_is_taken(line: str, found: str, wheels: Any) -> None:
    wheels.add("setuptools", "52.0.0")
    wheels.add("setuptools", "80.0.0")
    wheels.add("pip", "21.0.1")
    wheels.add("wheel", "0.36.2")
    wheels.add("wheel", "0.37.0rc1")
    wheels.add("kiln", "1.0")
    assert taken(line) == [found]


@pytest.mark.parametrize(
    "line",
    [
        "kiln==1.0.post3",
        "kiln==1.0+cu111",
        "kiln>=1.0.post1",
        "kiln==1.*",
        "kiln==7.0",
        "kiln",
        "kiln @ https://host/kiln-1.0.post9-py3-none-any.whl",
        'kiln==1.0.post9; python_version<"3"',
    ],
)
def test_what_can_be_had_or_is_no_builders_number_stays(line: str, wheels: Any) -> None:
    wheels.add("kiln", "1.0")
    wheels.add("kiln", "1.0.post3")
    wheels.add("kiln", "1.0+cu111")
    assert obtainable([line], HERE, NOTHING) == ([line], ())


def test_where_nothing_of_setuptools_is_there_one_with_pkg_resources_is_asked_for(
    wheels: Any,
) -> None:
    assert taken("setuptools==52.0.0.post20210125") == ["setuptools<81"]
    wheels.add("setuptools", "90.0.0")
    assert taken("setuptools==52.0.0.post20210125") == ["setuptools==90.0.0"]


def test_where_nobody_answers_the_number_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    assert taken("setuptools==52.0.0.post20210125") == ["setuptools==52.0.0"]


BUILT = """python: PYTHON
build_dependencies:
- pip==21.0.1
- setuptools==52.0.0.post20210125
- wheel==0.36.2
dependencies:
- -r requirements.txt
"""


@pytest.fixture
def environment(
    uv: str, wheels: Any, tmp_path: Path
) -> Callable[[str], tuple[list[str], tuple[str, ...]]]:
    """Return a function that builds the environment of a folder: what it has, and its notes."""
    wheels.add("setuptools", "52.0.0")
    wheels.add("kiln", "1.0")
    here = Python.current()
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
    )
    (folder / "python_env.yaml").write_text(BUILT.replace("PYTHON", here.version))

    def build(requirements: str) -> tuple[list[str], tuple[str, ...]]:
        (folder / "requirements.txt").write_text(requirements)
        wanted = ModelFolder.open(folder).wanted(here, here.installed())
        settings, seal = Settings.from_environment(), SealRequest(seal="off")
        with managers.opened(wanted, here.installed(), settings, "uv", seal=seal) as place:
            packages = Path(place.interpreter.executable).parent.parent.glob("lib/*/site-packages")
            names = [path.stem for each in packages for path in each.glob("*.dist-info")]
            assert place.built is not None
            return sorted(names), tuple(place.built.notes)

    return build


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        ("kiln==1.0\n", ["setuptools==52.0.0.post20210125 is on no index: setuptools==52.0.0"]),
        (
            "kiln==1.0.post20200101\n",
            [
                "kiln==1.0.post20200101 is on no index: kiln==1.0",
                "setuptools==52.0.0.post20210125 is on no index: setuptools==52.0.0",
            ],
        ),
        (
            "kiln==1.0+mkl\nsetuptools==52.0.0+ours\n",
            [
                "kiln==1.0+mkl is on no index: kiln==1.0",
                "setuptools==52.0.0+ours is on no index: setuptools==52.0.0",
            ],
        ),
    ],
)
def test_the_environment_is_built_and_it_is_said(
    requirements: str, said: list[str], environment: Any
) -> None:
    names, notes = environment(requirements)
    assert names == ["kiln-1.0", "setuptools-52.0.0"]
    assert list(notes[: len(said)]) == [f"{each} is taken" for each in said]
    assert notes[len(said)].startswith("built ")
