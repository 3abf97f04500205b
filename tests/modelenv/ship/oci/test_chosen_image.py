"""The choice of an image in layouts of docker, containerd, skopeo and Bazel."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from modelenv.ship.errors import NoImageError
from modelenv.ship.oci.base import image
from modelenv.ship.oci.base.store import opened

from .small_base import PYTHON, Layout

ABSENT = {"mediaType": image.MANIFEST, "digest": "sha256:" + "1" * 64, "size": 9}
ARM = {**ABSENT, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}}
ATTESTATION = {**ABSENT, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
SIGNATURE = {**ABSENT, "artifactType": "application/vnd.dev.cosign.artifact.sig.v1+json"}


def saved(folder: Path, *besides: dict[str, Any]) -> Path:
    """Write a layout as docker saves it from containerd: its index has more than was pulled."""
    layout = Layout(folder)
    layout.add()
    here = {**layout.listed[0], "platform": {"os": "linux", "architecture": "amd64"}}
    inner = json.dumps({"schemaVersion": 2, "manifests": [*besides, here]}).encode()
    names = {
        "io.containerd.image.name": "docker.io/library/python:3.11-slim",
        "org.opencontainers.image.ref.name": "3.11-slim",
    }
    layout.listed = [{**layout.put(inner, image.INDEX), "annotations": names}]
    return layout.write_index()


def test_what_is_not_for_the_platform_need_not_be_there(tmp_path):
    folder = saved(tmp_path / "base", ARM, ATTESTATION, SIGNATURE)
    names = ("3.11-slim", "python:3.11-slim", "docker.io/library/python:3.11-slim")
    for name in ("", *(f":{each}" for each in names)):
        assert image.read(f"{folder}{name}", "linux/amd64").architecture == "amd64"
    with pytest.raises(NoImageError, match="no image for linux/s390x, but linux/amd64, linux/arm6"):
        image.read(str(folder), "linux/s390x")
    with pytest.raises(NoImageError, match=r"11 is not there: .*only part of it was copied"):
        image.read(str(folder), "linux/arm64")


def test_an_index_that_lies_of_a_platform_is_not_believed(tmp_path):
    layout = Layout(tmp_path / "base")
    layout.add(config={"architecture": "arm64"})
    layout.listed[0]["platform"] = {"os": "linux", "architecture": "amd64"}
    with pytest.raises(NoImageError, match="no image for linux/amd64, but linux/arm64"):
        image.read(str(layout.write_index()), "linux/amd64")


def test_one_of_several_variants_is_asked_for(tmp_path):
    layout = Layout(tmp_path / "base")
    layout.add(config={"architecture": "arm", "variant": "v6"})
    folder = layout.add(config={"architecture": "arm", "variant": "v7"})
    with pytest.raises(
        NoImageError, match=r"several images .* say which: linux/arm/v6, linux/arm/"
    ):
        image.read(str(folder), "linux/arm")
    assert image.read(str(folder), "linux/arm/v7").config["variant"] == "v7"


@pytest.mark.skipif(os.name == "nt", reason="links need its developer mode")
def test_blobs_may_be_links_and_what_they_lead_to_is_shared(tmp_path):
    layout = Layout(tmp_path / "base")
    folder = layout.add([PYTHON])
    (tmp_path / "cache").mkdir()
    for blob in (folder / "blobs/sha256").iterdir():
        blob.rename(tmp_path / "cache" / blob.name)
        blob.symlink_to(f"../../../cache/{blob.name}")
    base = image.read(str(folder), "linux/amd64")
    assert base.tree(lambda _: 0).find("/usr/bin/python3")
    (layer,) = base.layers
    opened(folder).hand_over(layer.name, tmp_path / "shared")
    assert not (tmp_path / "shared").is_symlink()
    assert (tmp_path / "shared").samefile(folder / layer.name)
