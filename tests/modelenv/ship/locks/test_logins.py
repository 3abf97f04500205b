"""An index with a login: an image is installed from it, and the login stands in no file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.indexes import Indexes
from modelenv.folder.model_folder import ModelFolder
from modelenv.pins.package_sources import PIP_CONFIGURATION
from modelenv.ship.dockerfile import dockerfile, lock_text
from modelenv.ship.errors import NoImageError
from modelenv.ship.image import UV, ImageOptions
from modelenv.ship.locks.locked import locked, locked_tools
from modelenv.ship.plan import plan_of
from modelenv.wheels.locked_environment import LockedEnvironment
from modelenv.wheels.locking import looked_in

from ....small_worlds import PYTHON, write_wheel

MINOR = PYTHON.rpartition(".")[0]
LINUX = "linux/amd64"
LOGIN = "robot:s3cret-w0rd"
Model = Callable[..., Path]


@pytest.fixture
def folder(model: Model, index: Any, asked: Any, tmp_path: Path) -> Path:
    """A model whose pin an index has that asks who it is."""
    index.add(write_wheel(tmp_path / "made", "alpha", "1.0"))
    index.login = LOGIN
    return model({"alpha==1.0": "imported by the model"})


def options(address: str, **how: Any) -> ImageOptions:
    return ImageOptions(server=False, indexes=Indexes(index_url=address), **how)


def addressed(index: Any, login: str, rest: str = "/simple/") -> str:
    return f"http://{login}@{index.url.partition('//')[2]}{rest}"


def installed(lock: LockedEnvironment, place: Path, *tool: str, **variables: str) -> set[str]:
    """Install a lock as the Dockerfile does, and return what came."""
    place.mkdir()
    (place / "lock.txt").write_text(lock_text(lock))
    known = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    words = [*tool, "--no-deps", "--require-hashes", "--target", str(place / "out"), "-r"]
    subprocess.run(
        [*words, str(place / "lock.txt")],
        env={**known, "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1", **variables},
        check=True,
        capture_output=True,
    )
    return {path.name for path in (place / "out").glob("*.dist-info")}


@pytest.mark.parametrize("login", ["${OUR_USER}:${OUR_WORD}", "robot:${OUR_WORD}", "${OUR_BOTH}"])
def test_a_login_of_variables_is_kept_and_installed_with(
    folder: Path, index: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    user, _, word = LOGIN.partition(":")
    given = {"OUR_USER": user, "OUR_WORD": word, "OUR_BOTH": LOGIN}
    given = {name: value for name, value in given.items() if name in login}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    asked = options(addressed(index, login))
    model = ModelFolder.at(folder)
    lock, _ = locked(model, asked, MINOR, LINUX)
    assert lock.options[0] == f"--index-url {addressed(index, login)}"
    assert {*lock.variables} == {*given}
    assert word not in lock_text(lock)
    text = dockerfile(plan_of(ModelFolder.at(folder), asked, (lock, None)))
    assert all(f"\nARG {name}\n" in text for name in given)
    pip = (sys.executable, "-m", "pip", "install", "--quiet")
    assert installed(lock, tmp_path / "pip", *pip, **given) == {"alpha-1.0.dist-info"}
    if uv := shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"):
        uses = (uv, "pip", "install", "--no-cache", "--no-config", "--python", sys.executable)
        assert installed(lock, tmp_path / "uv", *uses, **given) == {"alpha-1.0.dist-info"}


def test_a_plain_login_stands_nowhere_and_the_build_says_the_index(
    folder: Path, index: Any, tmp_path: Path
) -> None:
    told: list[str] = []
    address = addressed(index, LOGIN)
    asked = options(address)
    lock, _ = locked(ModelFolder.at(folder), asked, MINOR, LINUX, told.append)
    assert not [line for line in lock.options if "index-url" in line]
    assert lock.variables == ("PIP_INDEX_URL",)
    (said,) = (each for each in told if "PIP_INDEX_URL" in each)
    assert "--build-arg" in said
    assert LOGIN not in said
    assert "s3cret" not in lock_text(lock)
    pip = (sys.executable, "-m", "pip", "install", "--quiet")
    given = {"PIP_INDEX_URL": address}
    assert installed(lock, tmp_path / "pip", *pip, **given) == {"alpha-1.0.dist-info"}


@pytest.mark.parametrize(
    ("more", "variable"),
    [
        ({"extra_index_urls": "http://me:s3cret-w0rd@127.0.0.1:9/x"}, "PIP_EXTRA_INDEX_URL"),
        ({"find_links": "http://me:s3cret-w0rd@127.0.0.1:9/x"}, "PIP_FIND_LINKS"),
        ({"extra_index_urls": "http://127.0.0.1:9/x/?token=s3cret-w0rd"}, "PIP_EXTRA_INDEX_URL"),
    ],
)
def test_every_place_with_a_login_has_its_variable(
    index: Any, more: dict[str, Any], variable: str
) -> None:
    indexes = Indexes(index_url=f"{index.url}/simple/", **more)
    lines, unwritten = looked_in(PIP_CONFIGURATION.with_indexes(indexes))
    assert unwritten == (variable,)
    assert f"--index-url {index.url}/simple/" in lines
    assert "s3cret" not in "".join(lines)


def test_uv_is_held_to_its_hash_and_comes_from_the_same_index(
    folder: Path, index: Any, tmp_path: Path
) -> None:
    asked = options(addressed(index, LOGIN), installer="uv", wheelhouse=True)
    wheel = write_wheel(tmp_path / "made", "uv", UV)
    index.add(wheel)
    tools = locked_tools(asked, MINOR, LINUX)
    assert tools is not None
    assert [each.name for each in tools.wheels] == [wheel.name]
    assert tools.lines[0].startswith(f"uv=={UV} --hash=sha256:")
    lock, _ = locked(ModelFolder.at(folder), asked, MINOR, LINUX)
    text = dockerfile(replace(plan_of(ModelFolder.at(folder), asked, (lock, None)), tools=tools))
    steps = [line for line in text.splitlines() if " install " in line]
    assert len(steps) == 2
    assert all("--require-hashes" in step and "--no-index" in step for step in steps)
    assert "--find-links wheels/tools -r locks/tools.txt" in steps[0]
    assert locked_tools(options(index.url), MINOR, LINUX) is None


@pytest.mark.usefixtures("folder")
def test_where_no_uv_is_to_be_had_it_is_said(index: Any) -> None:
    with pytest.raises(NoImageError, match=f"uv.*{UV}.*--installer pip"):
        locked_tools(options(addressed(index, LOGIN), installer="uv"), MINOR, LINUX)
