"""The Python that a model needs is looked for where people keep theirs."""

from __future__ import annotations

import os
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from modelenv.base.settings import Settings
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find

HERE = Python.current()


def fake(place: Path, version: str) -> Path:
    """Make a program that says it is that version of Python."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\necho {version}\n")
    place.chmod(0o755)
    return place


@pytest.fixture
def nobody(tmp_path: Path) -> Settings:
    """A user with no Python at all."""
    (tmp_path / "programs").mkdir()
    environment = {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "programs")}
    return Settings(environment, None)


def test_this_one_is_taken_where_its_minor_version_is_wanted(nobody: Settings) -> None:
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert find(f"{minor}.999", HERE, nobody).executable == HERE.base


def test_pyenv_is_looked_into_past_its_shims(nobody: Settings, tmp_path: Path) -> None:
    for release in ("3.99.1", "3.99.2", "3.99.10", "3.9.9"):
        fake(tmp_path / "home/.pyenv/versions" / release / "bin/python", release)
    assert find("3.99.2", HERE, nobody).version == "3.99.2"
    assert find("3.99.7", HERE, nobody).version == "3.99.10"
    with pytest.raises(PythonMissingError):
        find("3.98.1", HERE, nobody)


def test_a_release_that_has_to_be_that_one_is_it_or_is_not_here(
    nobody: Settings, tmp_path: Path
) -> None:
    for release in ("3.99.1", "3.99.10"):
        fake(tmp_path / "home/.pyenv/versions" / release / "bin/python", release)
    assert find("3.99.1", HERE, nobody, exact=True).version == "3.99.1"
    with pytest.raises(PythonMissingError) as raised:
        find("3.99.7", HERE, nobody, exact=True)
    said = str(raised.value)
    assert "there is no Python 3.99.7 here" in said
    assert "there is 3.99.10, 3.99.1" in said
    assert "pyenv install 3.99.7" in said
    with pytest.raises(PythonMissingError):
        find(f"{HERE.version}9", HERE, nobody, exact=True)
    assert find(HERE.version, HERE, nobody, exact=True).executable == HERE.base


def test_a_free_threaded_build_is_a_python_of_its_own(nobody: Settings, tmp_path: Path) -> None:
    fake(tmp_path / "home/.pyenv/versions/3.99.1/bin/python", "3.99.1")
    with pytest.raises(PythonMissingError, match=r"there is no Python 3\.99t here") as raised:
        find("3.99t", HERE, nobody)
    assert "pyenv install 3.99t" in str(raised.value)
    assert "python-freethreading=3.99" in str(raised.value)
    fake(tmp_path / "home/.pyenv/versions/3.99.2t/bin/python", "3.99.2t")
    assert find("3.99t", HERE, nobody).version == "3.99.2t"
    assert find("3.99", HERE, nobody).version == "3.99.1"


def test_another_python_has_tags_of_its_own() -> None:
    other = "3.10.1" if sys.version_info[:2] != (3, 10) else "3.11.1"
    plain = replace(HERE, version=other).installed().target.wheel_tags()
    name = f"cp{''.join(other.split('.')[:2])}"
    assert plain[0].startswith(f"{name}-{name}-")
    threads = replace(HERE, version="3.14.1", free_threaded=True).installed().target
    assert threads.wheel_tags()[0].startswith("cp314-cp314t-")
    assert not any(tag.startswith("cp314-abi3-") for tag in threads.wheel_tags())
    assert HERE.installed().target.tags is None


def test_path_is_searched(nobody: Settings, tmp_path: Path) -> None:
    there = fake(tmp_path / "programs/python3.99", "3.99.3")
    assert find("3.99.1", HERE, nobody).executable == there


def test_what_path_hides_is_found_where_it_has_to_be_that_one(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("shims", "absent", "local", "usr", "usr")]
    fake(places[0] / "python3.99", "3.99.9")
    fake(places[2] / "python3", "3.98.1")
    hidden = fake(places[3] / "python3.99", "3.99.2")
    environment = {"HOME": str(tmp_path), "PATH": os.pathsep.join(map(str, places))}
    settings = Settings(environment, None)
    assert find("3.99.2", HERE, settings, exact=True).executable == hidden
    assert find("3.98.1", HERE, settings, exact=True).executable == places[2] / "python3"
    assert find("3.99.2", HERE, settings).version == "3.99.9"  # the first is as good as any


def test_a_program_that_is_no_such_python_is_passed_over(nobody: Settings, tmp_path: Path) -> None:
    (tmp_path / "programs/python3.99").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "programs/python3.99").chmod(0o755)
    there = fake(tmp_path / "programs/python3", "3.99.3")
    assert find("3.99.1", HERE, nobody).executable == there


def test_conda_s_environments_are_looked_into(nobody: Settings, tmp_path: Path) -> None:
    there = fake(tmp_path / "envs/one/bin/python", "3.99.3")
    listed = tmp_path / "home/.conda/environments.txt"
    listed.parent.mkdir(parents=True)
    listed.write_text(f"{tmp_path / 'gone'}\n{tmp_path / 'envs/one'}\n")
    assert find("3.99.1", HERE, nobody).executable == there


def test_uv_is_asked_for_its_own(nobody: Settings, tmp_path: Path) -> None:
    there = fake(tmp_path / "managed/python", "3.99.3")
    uv = tmp_path / "uv"
    uv.write_text(
        textwrap.dedent(f"""\
        #!/bin/sh
        case "$*" in
          *--no-python-downloads*3.99) echo {there} ;;
          *) exit 2 ;;
        esac
        """)
    )
    uv.chmod(0o755)
    assert find("3.99.1", HERE, Settings(nobody.environment, uv)).executable == there


def test_the_error_says_how_to_get_it(nobody: Settings) -> None:
    with pytest.raises(PythonMissingError) as raised:
        find("3.99.1", HERE, Settings(nobody.environment, Path("/nowhere/uv")))
    text = str(raised.value)
    assert "uv python install 3.99" in text
    assert "pyenv install 3.99.1" in text
    assert "conda create -n python3.99" in text
    assert "python= takes the path of an interpreter too" in text
    assert raised.value.exit_code == 2
