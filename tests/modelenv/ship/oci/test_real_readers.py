"""Real readers take what is exported, and a real model serves in it.

`MODELENV_TEST_LAYOUT` names the image layout of a Debian that has the Python which runs this.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.ship.oci.write import ExportedImage

LAYOUT = os.environ.get("MODELENV_TEST_LAYOUT", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LAYOUT, reason="MODELENV_TEST_LAYOUT names no image layout"),
    pytest.mark.skipif(
        not (shutil.which("skopeo") and shutil.which("buildah")),
        reason="there is no skopeo, or no buildah",
    ),
]
COMMAND = "/opt/modelenv/server-environment/bin/modelenv"


def output(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


def saved(folder: Path, name: str, model: Any) -> Path:
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    modelenv.save_model(model.fit(x, y), folder / name, input_example=x[:3])
    return folder / name


@pytest.fixture(scope="module")
def exported(folder: Path) -> ExportedImage:
    from sklearn.linear_model import LogisticRegression

    model = saved(folder, "iris", LogisticRegression(max_iter=500))
    return modelenv.export_model(model, folder / "out", base=LAYOUT, name="iris:1")


@pytest.fixture(scope="module")
def container(folder: Path, exported: ExportedImage) -> Iterator[tuple[str, ...]]:
    """Yield the command that runs another in a container of the image."""
    store = ("--root", f"{folder}/store", "--runroot", f"{folder}/run")
    buildah = ("buildah", *store, "--storage-driver", "overlay")
    name = output(*buildah, "from", "--pull-never", f"oci:{exported.place}:iris:1").strip()
    yield (*buildah, "run", "--isolation", "chroot", name, "--")
    output(*buildah, "rm", name)
    output(*buildah, "rmi", "--all", "--force")


def test_skopeo_reads_the_layout_and_copies_every_blob(exported, folder):
    said = json.loads(output("skopeo", "inspect", f"oci:{exported.place}"))
    assert said["Digest"] == exported.digest
    assert said["Layers"][-3:] == [each.blob.digest for each in exported.layers]
    output("skopeo", "copy", "-q", f"oci:{exported.place}", f"dir:{folder}/copied")


def test_a_tar_is_read_in_both_of_its_formats(exported, folder):
    tar = folder / "out.tar"
    again = modelenv.export_model(folder / "iris", tar, base=LAYOUT, name="iris:1")
    assert again.digest == exported.digest
    for reader in ("oci-archive", "docker-archive"):
        output("skopeo", "copy", "-q", f"{reader}:{tar}", f"dir:{folder}/{reader}")
    config = json.loads(output("skopeo", "inspect", "--config", "--raw", f"docker-archive:{tar}"))
    assert config["config"]["Healthcheck"]["Test"][0] == "CMD"
    tar.unlink()


def test_another_model_shares_all_but_its_own_layer(exported, folder):
    from sklearn.tree import DecisionTreeClassifier

    model = saved(folder, "tree", DecisionTreeClassifier())
    other = modelenv.export_model(model, folder / "other", base=LAYOUT)
    pairs = zip(exported.layers, other.layers, strict=True)
    assert [a.blob == b.blob for a, b in pairs] == [True, True, False]
    shutil.rmtree(other.place)


def test_the_model_reproduces_in_it_as_nobody(container):
    assert output(*container, "id", "-u").strip() == "10001"
    assert "reproduces" in output(*container, COMMAND, "verify", "-m", "/opt/modelenv/model")


def test_it_serves_and_is_well(container):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    words = ("serve", "-m", "iris=/opt/modelenv/model", "--port", str(port))
    with subprocess.Popen([*container, COMMAND, *words], stdout=subprocess.DEVNULL) as server:
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/invocations",
                json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]]}).encode(),
                {"Content-Type": "application/json"},
            )
            assert _answered(request) == {"predictions": [0]}
        finally:
            server.terminate()


def _answered(request: urllib.request.Request) -> Any:
    for _ in range(200):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.2)
    return None
