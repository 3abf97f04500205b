"""Which environment manager is taken, and what each gives."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.errors import BuildFailedError, WrongUseError
from modelenv.isolation import environments
from modelenv.isolation.errors import ManagerMissingError, PythonMissingError
from modelenv.isolation.python import Python
from modelenv.isolation.wanted import Wanted, want
from modelenv.settings import Settings
from modelenv.siblings import resolver

UV = Settings.from_environment().uv
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not here")


@pytest.fixture
def settings(tmp_path: Path, wheelhouse: Any) -> Settings:
    """Offline, with a cache of its own and wheels at hand."""
    environment = {
        **os.environ,
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
        "PIP_FIND_LINKS": str(wheelhouse.folder),
        "PIP_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheelhouse.folder),
        "UV_NO_INDEX": "1",
    }
    return Settings(environment, UV)


def asked(*lines: str) -> Wanted:
    return want(Python.current(), resolver.Installed.current(), lines)


def inside(place: environments.Place, code: str) -> str:
    interpreter = place.interpreter
    command = [str(interpreter.executable), *interpreter.options, "-c", code]
    ended = subprocess.run(
        command, env=dict(interpreter.environment or {}), capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


NAMES = "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))"


def opened(
    wanted: Wanted, settings: Settings, manager: environments.Manager, **further: Any
) -> Any:
    return environments.opened(wanted, resolver.Installed.current(), settings, manager, **further)


def test_auto_takes_a_replica_where_every_pin_is_installed(settings: Settings) -> None:
    wanted = asked("packaging")
    with opened(wanted, settings, "auto") as place:
        assert place.label == "a replica"
        assert inside(place, NAMES) == "packaging"


@needs_uv
def test_auto_builds_with_uv_where_a_pin_is_not_installed(
    settings: Settings, wheelhouse: Any
) -> None:
    wheelhouse.add("sprout", "1.0")
    with opened(asked("sprout==1.0"), settings, "auto") as place:
        assert place.label == "an environment built with uv"
        assert inside(place, NAMES) == "sprout"


@pytest.mark.slow
def test_auto_builds_with_venv_and_pip_where_there_is_no_uv(
    settings: Settings, wheelhouse: Any
) -> None:
    wheelhouse.add("sprout", "1.0")
    said: list[str] = []
    without = replace(settings, uv=None)
    with opened(asked("sprout==1.0"), without, "auto", report=said.append) as place:
        assert place.label == "an environment built with venv and pip"
        assert inside(place, "import sprout; print(sprout.__name__)") == "sprout"
    assert said == ["building an environment of 1 distributions with virtualenv"]
    with opened(asked("sprout==1.0"), without, "auto", report=said.append) as again:
        assert again.interpreter.executable == place.interpreter.executable
    assert len(said) == 1


@needs_uv
def test_a_failed_build_tells_what_the_installer_said(settings: Settings) -> None:
    with (
        pytest.raises(BuildFailedError, match="nowhere-to-be-found"),
        opened(asked("nowhere-to-be-found==1.0"), settings, "uv"),
    ):
        pass


@needs_uv
def test_a_local_wheel_that_changes_is_another_environment(
    settings: Settings, wheelhouse: Any
) -> None:
    def build() -> str:
        wheel = wheelhouse.add("sprout", "1.0", source=f"leaves = {leaves}\n")
        with opened(asked(f"sprout @ {wheel.as_uri()}"), settings, "uv") as place:
            return inside(place, "import sprout; print(sprout.leaves)")

    leaves = 2
    assert build() == "2"
    leaves = 3
    assert build() == "3"


def test_local_is_this_interpreter(settings: Settings) -> None:
    with opened(asked("packaging"), settings, "local") as place:
        assert place.interpreter.executable == Path(sys.executable)


def test_a_replica_of_what_is_not_installed_is_refused(settings: Settings) -> None:
    with (
        pytest.raises(WrongUseError, match="uv or virtualenv"),
        opened(asked("not-installed==1"), settings, "replica"),
    ):
        pass


@pytest.mark.parametrize("manager", ["replica", "local"])
def test_another_python_needs_an_environment_that_is_built(
    settings: Settings, manager: environments.Manager
) -> None:
    wanted = replace(asked("packaging"), version="3.6.1")
    with (
        pytest.raises(WrongUseError, match=r"needs Python 3\.6\.1.*uv, virtualenv or conda"),
        opened(wanted, settings, manager),
    ):
        pass


def test_a_python_that_is_nowhere_is_an_error_with_the_ways_to_get_it(settings: Settings) -> None:
    wanted = replace(asked("packaging"), version="3.99.1")
    with (
        pytest.raises(PythonMissingError, match=r"pyenv install 3\.99\.1"),
        opened(wanted, settings, "virtualenv"),
    ):
        pass


@pytest.mark.parametrize("manager", ["uv", "conda"])
def test_a_manager_that_is_not_there_is_named(
    settings: Settings, tmp_path: Path, manager: environments.Manager
) -> None:
    bare = Settings({**settings.environment, "PATH": str(tmp_path)}, None)
    with (
        pytest.raises(ManagerMissingError, match=manager),
        opened(asked("packaging"), bare, manager),
    ):
        pass


def test_conda_is_handed_a_conda_yaml_with_the_pins(settings: Settings, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "micromamba"
    # It does what micromamba does with these arguments, as far as we look.
    program.write_text(
        textwrap.dedent(f"""\
        #!{sys.executable}
        import shutil, subprocess, sys
        verb, *rest = sys.argv[1:]
        options = dict(zip(rest[-4::2], rest[-3::2]))
        assert verb == "create" and "--yes" in rest
        subprocess.run([{sys.executable!r}, "-m", "venv", "--without-pip", options["--prefix"]])
        shutil.copy(options["--file"], options["--prefix"] + "/said.yaml")
        """)
    )
    program.chmod(0o755)
    there = Settings({**settings.environment, "PATH": str(programs)}, None)
    wanted = replace(asked("sprout==1.0"), conda_dependencies=("libgomp=14",))
    with opened(wanted, there, "conda") as place:
        said = (place.interpreter.executable.parent.parent / "said.yaml").read_text()
    assert place.label == "an environment built with conda"
    assert "libgomp=14" in said
    assert "sprout==1.0" in said
    assert f"python={wanted.python_version}" in said
