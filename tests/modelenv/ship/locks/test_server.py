"""The server in an image: this modelenv, its dependencies, and nothing else."""

from __future__ import annotations

import json
import subprocess
import venv
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from modelenv.environments.replica import unpack
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.errors import NoImageError
from modelenv.ship.image import ImageOptions
from modelenv.ship.locks.locked import locked
from modelenv.ship.locks.own_wheel import own_wheel
from modelenv.ship.locks.server import closure, left_out
from modelenv.wheels.locked_environment import LockedEnvironment
from modelenv.wheels.shelf import path_of
from resolver import Distribution, Installed, Target, bundle_installed

from ....small_worlds import write_wheel
from ...serving.conftest import save
from ...serving.serving import serving
from .test_model import MINOR

Asked = Callable[..., ImageOptions]
Model = Callable[..., Path]


@pytest.fixture(scope="module")
def here() -> Mapping[str, Distribution]:
    """What the server needs of what is installed here."""
    installed = Installed.current()
    own = installed.get("modelenv")
    assert own is not None
    return closure(installed, own)


@pytest.fixture
def stand_ins(tmp_path: Path, here: Mapping[str, Distribution]) -> Path:
    """A folder of wheels that stand for these: their names, versions and requirements."""
    for each in here.values():
        name = each.name.replace("-", "_")
        write_wheel(tmp_path / "links", name, str(each.version), each.requires_lines)
    return tmp_path / "links"


def of_server(folder: Path, options: ImageOptions, python: str = MINOR) -> LockedEnvironment:
    _, server = locked(ModelFolder.at(folder), options, python, "linux/amd64")
    assert server is not None
    return server


def test_it_is_as_installed_here_without_what_an_image_has_no_use_for(
    model: Model, asked: Asked, stand_ins: Path, here: Mapping[str, Distribution]
) -> None:
    write_wheel(stand_ins, "click", "99.0")
    found = of_server(model({}), asked(server=True, find_links=stand_ins))
    pins = dict(line.partition(" ")[0].split("==") for line in found.lines)
    assert pins.pop("modelenv")
    assert pins == {name: str(each.version) for name, each in here.items()}
    assert not pins.keys() & left_out().keys()
    assert all("--hash=sha256:" in line for line in found.lines)
    again = of_server(model({}, name="another"), asked(server=True, find_links=stand_ins))
    assert again == found


def test_what_is_left_out_is_required_by_modelenv(here: Mapping[str, Distribution]) -> None:
    """A name that is no requirement any more has no place in the table."""
    installed = Installed.current()
    waiting, known = ["modelenv"], set()
    while waiting:
        name = waiting.pop()
        distribution = installed.get(name)
        if name in known or distribution is None:
            continue
        known.add(name)
        asked = map(Requirement, distribution.requires_lines)
        waiting += [canonicalize_name(each.name) for each in asked]
    assert left_out().keys() <= known
    assert not here.keys() & left_out().keys()


def test_an_older_python_has_no_server(model: Model, asked: Asked) -> None:
    with pytest.raises(NoImageError, match=r"Python 3\.9: the server needs 3\.10.*--no-server"):
        of_server(model({}, python="3.9.18"), asked(server=True), "3.9")


def test_what_no_index_has_is_named(model: Model, asked: Asked, stand_ins: Path) -> None:
    (file,) = stand_ins.glob("uvicorn-*")
    file.unlink()
    with pytest.raises(NoImageError, match=r"(?s)the server: .*uvicorn.*--no-server"):
        of_server(model({}), asked(server=True, find_links=stand_ins))


def test_our_own_wheel_is_the_same_each_time_and_holds_all_that_we_are() -> None:
    own = Installed.current().get("modelenv")
    assert own is not None
    made, again = (own_wheel(own, Target.current()) for _ in range(2))
    assert made == again
    with zipfile.ZipFile(path_of(made.url)) as wheel:
        names = wheel.namelist()
        assert not wheel.testzip()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {
        "envfiles",
        "modelenv",
        "resolver",
        "tracer",
        f"modelenv-{own.version}.dist-info",
    }
    for held in ("modelenv/ship/locks/left_out.json", "tracer/probe/spool.py", "modelenv/py.typed"):
        assert held in names
    assert not [name for name in names if name.endswith(".pyc") or "/." in name]


@pytest.fixture
def server(tmp_path: Path, here: Mapping[str, Distribution]) -> Path:
    """An environment that holds what serves in an image, and nothing else."""
    place = tmp_path / "made"
    place.mkdir()
    own = Installed.current().get("modelenv")
    assert own is not None
    target = Target.current()
    packed = [bundle_installed(each, place, target).file for each in here.values()]
    packed.append(path_of(own_wheel(own, target).url))
    root = place / "environment"
    venv.create(root, symlinks=True)
    (site,) = root.glob("lib/python*/site-packages")
    for wheel in packed:
        unpack(wheel, place / "unpacked")
    (place / "unpacked" / "purelib").rename(place / "site")
    for each in (place / "site").iterdir():
        each.rename(site / each.name)
    return root / "bin" / "python"


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    """The folder of a model that tells variables; two of them were recorded."""
    body = "import os\nreturn [os.environ.get(each, '') for each in data]"
    folder = save(tmp_path / "telling", body, "telling")
    text = (folder / "MLmodel").read_text()
    recorded = "    environment: {PYTHONHASHSEED: '7', OMP_NUM_THREADS: '3'}\n"
    (folder / "MLmodel").write_text(text.replace("    format: 1\n", f"    format: 1\n{recorded}"))
    return folder


@pytest.fixture
def in_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a model without pins, which is named as an image's."""
    root = tmp_path / "model-environment"
    venv.create(root, symlinks=True)
    monkeypatch.setenv("MODELENV_IMAGE", str(root))
    return root


def test_it_serves_and_verifies_and_predicts_with_nothing_else(
    server: Path, in_image: Path, telling: Path, tmp_path: Path
) -> None:
    def run(*words: str) -> str:
        command = [str(server), "-m", "modelenv", *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "in the image's environment, not sealed" in run("verify", "-m", str(telling))
    (tmp_path / "input.json").write_text('["PYTHONHASHSEED", "OMP_NUM_THREADS"]')
    told = run("predict", "-m", str(telling), "-i", str(tmp_path / "input.json"))
    assert json.loads(told) == {"predictions": ["7", "3"]}
    assert "made " in run("inspect", "-m", str(telling))
    with serving(tmp_path / "server", "-m", str(telling), python=server) as served:
        assert served.predict("PYTHONHASHSEED", "OMP_NUM_THREADS") == (200, ["7", "3"])
        assert served.get("/metrics")[0] == 200
        assert "the image's environment, not sealed" in served.told
