"""An image that is written without a builder: the same bytes each time, and what it says."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings
from modelenv.ship.errors import NoImageError
from modelenv.ship.image import ImageOptions, ImagePlan, SystemPackage
from modelenv.ship.oci.base import image
from modelenv.ship.oci.write import ExportedImage, write
from modelenv.wheels.locked_environment import LockedEnvironment

from ....small_worlds import write_wheel
from .small_base import ELF, LIBC, STATUS, Files, Layout, Link, digest, library

MINOR = ".".join(map(str, sys.version_info[:2]))
HERE = ".".join(map(str, sys.version_info[:3]))
BASE: Files = {
    "opt": None,
    "usr/bin/python3": Link(f"python{MINOR}"),
    f"usr/bin/python{MINOR}": ELF,
    "usr/lib/x86_64-linux-gnu/libc.so.6": LIBC,
    "var/lib/dpkg/status": STATUS.encode(),
    **library(MINOR),
}


class World:
    """A base, a model and what its plan says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.layout = Layout(folder / "base")
        self.layout.add([BASE], name="slim", Labels={"maker": "somebody"}, Cmd=["bash"])
        self.model = folder / "wine model"
        (self.model / "code").mkdir(parents=True)
        (self.model / "MLmodel").write_text("flavors: {}\n")
        (self.model / "code/own.py").write_text("x = 1\n")
        self.settings = Settings.from_environment()

    def environment(self, name: Any, *wheels: Path) -> LockedEnvironment:
        lines = [
            f"{wheel.name.split('-')[0]}=={wheel.name.split('-')[1]}"
            f" --hash={digest(wheel.read_bytes())}"
            for wheel in wheels
        ]
        return LockedEnvironment(name=name, lines=tuple(lines), wheels=wheels)

    def plan(self, **changes: Any) -> ImagePlan:
        server = write_wheel(self.folder / "wheels", "server", "1")
        wheel = write_wheel(
            self.folder / "wheels", "needed", "2", modules={"needed/a.py": "b = {}"}
        )
        plan = ImagePlan(
            folder=self.model,
            python=MINOR,
            base=str(self.layout.folder),
            platform="linux/amd64",
            model=self.environment("model", wheel),
            server=self.environment("server", server),
            packages=(SystemPackage(package="libgomp1", why="libgomp.so.1 for needed"),),
            variables={"PYTHONHASHSEED": "0"},
            labels={"modelenv.proof": "proven", "org.opencontainers.image.base.name": "slim"},
            needs=("mount /data",),
            epoch=1_790_000_000,
            options=ImageOptions(),
        )
        return replace(plan, **changes)

    def write(self, name: str = "out", reference: str = "wine", **changes: Any) -> ExportedImage:
        return write(self.plan(**changes), self.folder / name, reference, self.settings)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def load(layout: Path, descriptor: dict[str, Any]) -> Any:
    return json.loads((layout / "blobs" / descriptor["digest"].replace(":", "/")).read_text())


def parts(layout: Path) -> tuple[Any, Any]:
    """Return the manifest and the configuration of the only image of a layout."""
    (listed,) = json.loads((layout / "index.json").read_text())["manifests"]
    manifest = load(layout, listed)
    return manifest, load(layout, manifest["config"])


def members(exported: ExportedImage, number: int) -> Iterator[tarfile.TarInfo]:
    blob = exported.layers[number].blob
    with tarfile.open(exported.place / blob.name, "r:gz") as tar:
        yield from tar


def test_every_blob_is_what_the_manifest_says(world):
    exported = world.write()
    manifest, config = parts(exported.place)
    blobs = [manifest["config"], *manifest["layers"]]
    for blob in blobs:
        data = (exported.place / "blobs" / blob["digest"].replace(":", "/")).read_bytes()
        assert (digest(data), len(data)) == (blob["digest"], blob["size"])
    for blob, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
        data = (exported.place / "blobs" / blob["digest"].replace(":", "/")).read_bytes()
        assert digest(gzip.decompress(data)) == diff_id
    # The reader that bases are read by takes it, too.
    tree = image.read(str(exported.place), "linux/amd64").tree(lambda _: 0)
    for path in (
        "/opt/modelenv/server-environment/bin/python",
        f"/opt/modelenv/model-environment/lib/python{MINOR}/site-packages/needed/a.py",
        "/opt/modelenv/model/code/own.py",
        f"/usr/lib/python{MINOR}/os.py",
    ):
        assert tree.file(path), path


def test_the_same_plan_is_the_same_image_whenever_it_is_written(world):
    first = world.write()
    for path in world.model.rglob("*"):
        path.touch()
    again = world.write("again")
    assert (first.digest, first.layers[0].diff_id) == (again.digest, again.layers[0].diff_id)


def test_another_model_with_the_same_pins_changes_the_last_layer_alone(world):
    first = world.write()
    (world.model / "model.pkl").write_bytes(b"another")
    other = world.write("other", epoch=1_800_000_000)
    changed = [a.blob != b.blob for a, b in zip(first.layers, other.layers, strict=True)]
    assert changed == [False, False, True]


def test_layers_hold_sorted_files_of_root_of_one_time(world):
    (world.model / "run.sh").write_text("#!/bin/sh\n")
    (world.model / "run.sh").chmod(0o777)
    (world.model / "code/own.py").chmod(0o600)
    exported = world.write()
    for number in range(3):
        found = list(members(exported, number))
        names = [each.name.split("/") for each in found]
        assert names == sorted(names)
        own = found[1:]
        assert {(each.uid, each.gid, each.uname, each.gname) for each in found[1:]} == {
            (0, 0, "", "")
        }
        assert {each.mtime for each in own} == {315532800}
        assert not [each for each in found if ".wh." in each.name]
    modes = {each.name: each.mode for each in members(exported, 2)}
    assert modes["opt/modelenv/model/run.sh"] == 0o755
    assert modes["opt/modelenv/model/code/own.py"] == 0o644


def test_folders_above_are_as_the_base_has_them(world):
    first = next(members(world.write(), 0))
    assert (first.name, first.mode, first.uid, first.gid) == ("opt", 0o750, 3, 4)
    assert first.mtime == 1_000_000


def test_where_the_base_has_a_link_the_files_stand_where_it_leads(world):
    world.layout = Layout(world.folder / "linked")
    world.layout.add([{**BASE, "opt": Link("var/opt"), "var/opt": None}])
    exported = world.write()
    names = [each.name for each in members(exported, 2)]
    assert names[:4] == ["var", "var/opt", "var/opt/modelenv", "var/opt/modelenv/model"]
    tree = image.read(str(exported.place), "linux/amd64").tree(lambda _: 0)
    assert tree.file("/opt/modelenv/model/MLmodel")


def test_the_configuration_says_how_it_runs_and_keeps_what_the_base_says(world):
    manifest, config = parts(world.write().place)
    settings = config["config"]
    assert settings["User"] == "10001:10001"
    assert settings["Entrypoint"] == ["/opt/modelenv/server-environment/bin/modelenv"]
    assert settings["Cmd"][:3] == ["serve", "-m", "wine-model=/opt/modelenv/model"]
    assert settings["ExposedPorts"] == {"8080/tcp": {}}
    assert settings["Healthcheck"]["Test"][0] == "CMD"
    assert {"PATH=/usr/local/bin:/usr/bin:/bin", "A=b=c", "HOME=/tmp", "PYTHONHASHSEED=0"} <= set(
        settings["Env"]
    )
    assert settings["Labels"]["maker"] == "somebody"
    assert settings["Labels"]["modelenv.proof"] == "proven"
    assert manifest["annotations"]["org.opencontainers.image.base.digest"].startswith("sha256:")
    assert "org.opencontainers.image.base.name" not in settings["Labels"]
    assert [each["created_by"].rpartition(": ")[2] for each in config["history"]] == [
        "base image",
        f"server environment, bytecode by Python {HERE}",
        f"model environment, bytecode by Python {HERE}",
        "model",
    ]
    assert config["created"] == "2026-09-21T14:13:20Z"


def test_an_image_without_a_server_starts_its_python(world):
    _, config = parts(world.write(server=None).place)
    assert config["config"]["Entrypoint"] == ["/opt/modelenv/model-environment/bin/python"]
    assert not {"ExposedPorts", "Healthcheck"} & set(config["config"])
    assert len(config["rootfs"]["diff_ids"]) == 3


def test_a_tar_is_a_layout_and_what_docker_loads(world):
    exported = world.write("out.tar", reference="wine:3")
    with tarfile.open(exported.place) as tar:
        names = tar.getnames()
        tar.extractall(world.folder / "unpacked", filter="data")
    (listed,) = json.loads((world.folder / "unpacked/manifest.json").read_text())
    for name in (listed["Config"], *listed["Layers"]):
        data = (world.folder / "unpacked" / name).read_bytes()
        assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    assert listed["RepoTags"] == ["wine:3"]
    assert len(names) == len(set(names))
    assert {"oci-layout", "index.json"} < set(names)
    assert image.read(str(exported.place), "linux/amd64").manifest.digest == exported.digest
    assert world.write("again.tar", "wine:3").place.read_bytes() == exported.place.read_bytes()


def test_the_base_may_be_a_tar(world):
    exported = world.write("first.tar", server=None)
    plain = image.read(str(exported.place), "linux/amd64")
    assert plain.layers[0].size
    again = replace(world.plan(), base=f"{exported.place}:wine")
    with pytest.raises(NoImageError, match="has a /opt/modelenv already"):
        write(again, world.folder / "upon", "x", world.settings)


def test_what_the_base_lacks_is_told_before_anything_is_written(world):
    lacking = (SystemPackage(package="tzdata", why="time zones, read by dateutil"),)
    with pytest.raises(NoImageError, match=r"tzdata \(time zones"):
        world.write(packages=lacking)
    with pytest.raises(NoImageError, match=r"no Python 3\.7"):
        world.write(python="3.7")
    with pytest.raises(NoImageError, match="no image for linux/arm64"):
        world.write(platform="linux/arm64")
    assert not list(world.folder.glob("*out*"))
    assert not list(world.folder.glob(".*"))


@pytest.mark.parametrize("name", ["out", "out.tar"])
def test_what_stands_there_is_not_overwritten(world, name):
    (world.folder / "out.tar").write_text("mine")
    (world.folder / "out").mkdir()
    (world.folder / "out/mine").touch()
    with pytest.raises(NoImageError, match="exists already"):
        world.write(name)
    with pytest.raises(NoImageError, match="there is no folder"):
        world.write("nowhere/out")


def test_the_base_stays_as_it_is(world, snapshot):
    before = snapshot(world.layout.folder)
    shutil.rmtree(world.write().place)
    assert snapshot(world.layout.folder) == before


def test_a_report_says_what_was_written(world):
    exported = world.write()
    said = str(exported)
    assert exported.digest in said
    assert "model environment: " in said
    assert said.endswith("mount /data")
    assert exported.to_json()["layers"][-1]["what"] == "model"


def test_where_bytecode_cannot_be_compiled_it_is_said(world, monkeypatch):
    other = next(each for each in ("3.8", "3.9") if each != MINOR)
    world.layout = Layout(world.folder / "other")
    files = {"usr/bin/python3": Link(f"python{other}"), f"usr/bin/python{other}": ELF}
    world.layout.add([{**BASE, **files, **library(other)}])
    world.settings = Settings({"PATH": "", "HOME": str(world.folder)}, None)
    exported = world.write(python=other)
    assert f"there is no Python {other} here" in str(exported)
    assert not [each for each in members(exported, 1) if each.name.endswith(".pyc")]


def test_what_the_base_tells_python_and_its_own_program_is_not_taken_over(world):
    told = ["PYTHONPATH=/app", "PYTHONHOME=/usr", "PYTHONOPTIMIZE=2", "PYTHONHASHSEED=7"]
    kept = ["PYTHONUNBUFFERED=1", "PYTHONTZPATH=/zones", "PYTHON_VERSION=3.11.2"]
    volumes = ["/opt/modelenv/model", "/opt/", "opt/modelenv", "/opt/./modelenv/", "/", "/data"]
    settings: dict[str, Any] = {
        "OnBuild": ["RUN x"],
        "StopSignal": "SIGKILL",
        "Volumes": dict.fromkeys(volumes),
    }
    Layout(world.folder / "telling").add([BASE], Env=["PATH=/usr/bin", *told, *kept], **settings)
    exported = world.write(base=str(world.folder / "telling"))
    how = parts(exported.place)[1]["config"]
    for each in kept:
        assert each in how["Env"]
    assert "PYTHONHASHSEED=0" in how["Env"]  # the model's
    assert not [each for each in told if each in how["Env"]]
    assert not {"OnBuild", "StopSignal"} & how.keys()
    assert [*how["Volumes"]] == ["/data"]
    assert "PYTHONHASHSEED, PYTHONHOME, PYTHONOPTIMIZE, PYTHONPATH" in str(exported)


def test_whose_bytecode_it_is_is_said(world):
    exported = world.write()
    assert f"compressed, bytecode by Python {HERE}" in str(exported)
    assert exported.to_json()["compiler"] == HERE
    assert "the bytecode is" not in str(exported)
    # Of the base's release there is none here.
    header = f'#define PY_VERSION "{MINOR}.99"\n'.encode()
    files = {**BASE, f"usr/include/python{MINOR}/patchlevel.h": header}
    other = Layout(world.folder / "newer").add([files])
    said = str(world.write("of-newer", base=str(other)))
    assert f"the bytecode is from Python {HERE}, since there is no {MINOR}.99 here" in said
    # What a base does not tell the model does.
    plan = {"modelenv.python": f"{MINOR}.98"}
    assert f"there is no {MINOR}.98 here" in str(world.write("of-model", labels=plan))
