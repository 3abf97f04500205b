"""A saved model is exported as it is locked: the command, and what it refuses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import modelenv
from modelenv.base.arguments import BadArgumentError
from modelenv.base.indexes import Indexes
from modelenv.cli.deploy.export import export
from modelenv.ship.errors import NoImageError
from modelenv.ship.oci.base import image

from ....small_worlds import write_wheel
from .small_base import Layout
from .test_write import BASE


@pytest.fixture
def folder(model: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the folder of a model with one pin, whose wheel stands in ``wheelhouse``."""
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    write_wheel(tmp_path / "wheelhouse", "needed", "2")
    folder = model({"needed": "2"})
    (folder / "trace.json").write_text("{}")
    none = "{type: json, file: input.json}"
    (folder / "MLmodel").write_text(
        f"flavors:\n  modelenv: {{format: 1, version: '1', input: {none}, prediction: {none},"
        " deterministic: true, proof: {status: reproduces, where: here}, provided: []}\n"
        "  python_function: {loader_module: own, data: model.pkl, python_version: '3.11.7'}\n"
        "model_uuid: '0'\nutc_time_created: '2026-01-01'\n"
    )
    Layout(tmp_path / "base").add([BASE])
    return folder


def indexes(tmp_path: Path, index: Any) -> Indexes:
    return Indexes(index_url=f"{index.url}/simple/", find_links=[str(tmp_path / "wheelhouse")])


def test_a_model_is_exported_with_what_its_lock_names(tmp_path, folder, index):
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/x.pyc").touch()
    (folder / "notes.txt").touch()
    (folder / ".dockerignore").write_text("notes.txt\n")
    exported = modelenv.export_model(
        folder,
        tmp_path / "out",
        base=tmp_path / "base",
        server=False,
        platform="linux/amd64",
        indexes=indexes(tmp_path, index),
    )
    tree = image.read(str(exported.place), "linux/amd64").tree(lambda _: 0)
    site = f"/opt/modelenv/model-environment/lib/python{minor_of(folder)}/site-packages"
    assert tree.file(f"{site}/needed/__init__.py")
    assert tree.file("/opt/modelenv/model/MLmodel")
    assert not tree.find("/opt/modelenv/model/__pycache__")
    assert not tree.find("/opt/modelenv/model/notes.txt")
    assert "left out by .dockerignore: notes.txt" in str(exported)


def minor_of(folder: Path) -> str:
    from modelenv.folder.model_folder import ModelFolder
    from modelenv.ship.plan import minor_version

    return minor_version(ModelFolder.open(folder))


def test_the_command_writes_a_tar_and_tells_the_digests(tmp_path, folder, index):
    words = ["-m", str(folder), "--base", str(tmp_path / "base"), "-o", str(tmp_path / "x.tar")]
    words += ["--no-server", "--platform", "linux/amd64", "-n", "wine:3", "--json"]
    words += ["--index-url", f"{index.url}/simple/", "--find-links", str(tmp_path / "wheelhouse")]
    ran = CliRunner().invoke(export, words, catch_exceptions=False)
    told = json.loads(ran.stdout)
    assert told["reference"] == "wine:3"
    assert [each["what"] for each in told["layers"]] == ["model environment", "model"]
    assert image.read(f"{tmp_path}/x.tar:wine:3", "linux/amd64").manifest.digest == told["digest"]


def test_what_cannot_be_is_said_before_anything_is_locked(tmp_path, folder):
    (tmp_path / "there").write_text("mine")
    with pytest.raises(NoImageError, match="exists already"):
        modelenv.export_model(folder, tmp_path / "there", base="base")
    with pytest.raises(NoImageError, match="this is no valid name of an image"):
        modelenv.export_model(folder, tmp_path / "out", base="base", name="Wine")
    with pytest.raises(BadArgumentError, match="to must be 'oci-layout', not 'zip'"):
        modelenv.export_model(folder, tmp_path / "out", base="base", to="zip")  # type: ignore[arg-type]


def test_a_package_is_in_the_base_where_it_is_said(tmp_path, folder, index):
    def written(**more: Any) -> Any:
        return modelenv.export_model(
            folder,
            tmp_path / "out",
            base=tmp_path / "base",
            server=False,
            platform="linux/amd64",
            system_packages="libmagic1",
            indexes=indexes(tmp_path, index),
            **more,
        )

    with pytest.raises(NoImageError, match=r"lacks: libmagic1 .* --base-has libmagic1"):
        written(base_has="other")
    assert "the base has, as stated, libmagic1: asked for" in str(written(base_has=["libmagic1"]))


def test_what_is_wrong_with_a_base_is_said_before_anything_is_locked(tmp_path, folder, index):
    Layout(tmp_path / "bare").add([{"bin/sh": b""}])
    Layout(tmp_path / "ours").add([{**BASE, "opt/modelenv": None}])
    (tmp_path / "base.tgz").write_bytes(b"\x1f\x8b\x08" + bytes(600))
    for base, said in (
        ("bare", "it has no Python"),
        ("ours", "it has a /opt/modelenv already"),
        ("absent", "there is no such layout"),
        ("base.tgz", "it is compressed: `gunzip "),
    ):
        with pytest.raises(NoImageError, match=said):
            modelenv.export_model(
                folder,
                tmp_path / "out",
                base=tmp_path / base,
                platform="linux/amd64",
                indexes=indexes(tmp_path, index),
            )
    with pytest.raises(NoImageError, match="by its path alone: write base"):
        modelenv.export_model(folder, tmp_path / "out", base="oci:base")
    assert not index.asked
