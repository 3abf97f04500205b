"""Logins may be used to build an environment, and its cache holds none."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.addresses.permit import Permit
from modelenv.base.settings import Settings
from modelenv.base.siblings import resolver
from modelenv.environments import managers
from modelenv.environments.errors import BuildFailedError
from modelenv.environments.interpreter import Python
from modelenv.environments.spec import EnvironmentContents, request_environment

UV = Settings.from_environment().uv
SECRET = "s3cr3t-word"
MANAGERS = [
    pytest.param("uv", marks=pytest.mark.skipif(UV is None, reason="uv is not here")),
    pytest.param("virtualenv", marks=pytest.mark.slow),
    "conda",
]
PLACES = ("--index-url", "--extra-index-url", "--find-links")
# It does what conda does, as far as we look, and tells what others may do with the files.
CONDA = """\
#!{python}
import os, stat, subprocess, sys
prefix, file = (sys.argv[sys.argv.index(name) + 1] for name in ("--prefix", "--file"))
text = open(file).read()
if stat.S_IMODE(os.stat(file).st_mode) & 0o077:
    sys.exit("others may read " + file)
if "gone" in text:
    sys.exit("PackagesNotFoundError: gone")
subprocess.run([{python!r}, "-m", "venv", "--without-pip", prefix], check=True)
"""


@pytest.fixture
def settings(tmp_path: Path, wheelhouse: Any) -> Settings:
    """With wheels at hand, and no index that answers."""
    wheelhouse.add("sprout", "1.0")
    program = tmp_path / "programs" / "conda"
    program.parent.mkdir()
    program.write_text(CONDA.format(python=sys.executable))
    program.chmod(0o755)
    left = {name: os.environ[name] for name in os.environ if not name.startswith(("PIP_", "UV_"))}
    environment = {
        **left,
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
        "PATH": os.pathsep.join((str(program.parent), os.environ["PATH"])),
        "PIP_FIND_LINKS": str(wheelhouse.folder),
        "PIP_RETRIES": "0",
        "UV_FIND_LINKS": str(wheelhouse.folder),
        "UV_HTTP_RETRIES": "0",
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }
    return Settings(environment, UV)


def build(settings: Settings, manager: Any, *lines: str, **further: Any) -> None:
    contents = EnvironmentContents(requirements=lines, **further)
    installed = resolver.Installed.current()
    wanted = request_environment(contents, Python.current(), installed)
    with managers.opened(wanted, installed, settings, manager):
        pass


def holding(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("place", PLACES)
def test_a_build_leaves_no_login(
    place: str, manager: str, settings: Settings, tmp_path: Path
) -> None:
    there = (f"{place} http://bob:{SECRET}@127.0.0.1:9/simple",)
    limits = (f"other @ http://bob:{SECRET}@127.0.0.1:9/other-1.0-py3-none-any.whl",)
    build(settings, manager, "sprout==1.0", options=there, constraints=limits)
    assert holding(tmp_path / "cache") == []


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("place", PLACES)
def test_a_build_that_fails_leaves_no_login(
    place: str, manager: str, settings: Settings, tmp_path: Path
) -> None:
    there = (f"{place} http://bob:{SECRET}@127.0.0.1:9/simple",)
    with pytest.raises(BuildFailedError):
        build(settings, manager, "gone==1.0", options=there)
    assert holding(tmp_path / "cache") == []


@pytest.mark.parametrize("manager", MANAGERS[:2])
def test_the_login_of_a_pin_is_not_kept_with_its_environment(
    manager: str, index: Any, wheelhouse: Any, settings: Settings, tmp_path: Path
) -> None:
    index.add(wheelhouse.add("own", "1.0"))
    host = index.url.replace("http://", f"http://bob:{SECRET}@")
    file = f"{host}/files/own-1.0-py3-none-any.whl"
    build(settings, manager, f"own @ {file}")
    assert holding(tmp_path / "cache") == []


@pytest.mark.skipif(UV is None, reason="uv is not here")
def test_an_empty_variable_of_uvs_is_none(settings: Settings) -> None:
    empty = ("UV_INDEX_STRATEGY", "UV_LINK_MODE", "UV_HTTP_TIMEOUT", "UV_PRERELEASE")
    said = {**settings.environment, **dict.fromkeys(empty, "")}
    build(Settings(said, UV), "uv", "sprout==1.0", options=("--no-index",))


@pytest.mark.skipif(UV is None, reason="uv is not here")
def test_a_failed_build_names_the_variables_that_are_not_set(settings: Settings) -> None:
    there = ("--extra-index-url http://${READER}:${TOKEN}@127.0.0.1:9/simple",)
    said = {**settings.environment, "READER": "bob", "NETRC": os.devnull}
    with pytest.raises(BuildFailedError) as caught:
        build(Settings(said, UV), "uv", "gone==1.0", options=there, permit=Permit(there))
    assert caught.value.unset == ("TOKEN",)
    assert "\nSet TOKEN: lines of the folder name" in str(caught.value)
