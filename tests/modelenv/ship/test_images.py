"""Real images, built by buildah upon Debian alone, and run with a read-only root as nobody."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv import ImageOptions, Indexes
from modelenv.ship.errors import NotReproducedError

from .boxes import BASE, box, buildah, inspected, layers, make_base, missing, mounted, running
from .boxes import variables as of_image

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "it can")]

ANY_INDEX = Indexes(strategy="unsafe-best-match")
OFFLINE = ImageOptions(base=BASE, wheelhouse=True, indexes=ANY_INDEX)
ROWS = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store of images of our own, with the base in it."""
    folder = tmp_path_factory.mktemp("images")
    config = folder / "storage.conf"
    with pytest.MonkeyPatch.context() as patch:
        places = f'graphroot = "{folder}/store"\nrunroot = "{folder}/run"\n'
        config.write_text(f'[storage]\ndriver = "overlay"\n{places}')
        patch.setenv("CONTAINERS_STORAGE_CONF", str(config))
        patch.setenv("BUILDAH_ISOLATION", "chroot")
        make_base(folder)
        yield
        buildah("rmi", "--all", "--force")
    shutil.rmtree(folder, ignore_errors=True)


def save(target: Path, slope: float) -> Path:
    """Save a model of scikit-learn."""
    sklearn = pytest.importorskip("sklearn.linear_model")
    model = sklearn.LinearRegression().fit(ROWS, [slope * sum(row) for row in ROWS])
    modelenv.save_model(model, target, input_example=ROWS)
    return target


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("line") / "line", 2.0)


@pytest.fixture(scope="module")
def built(line: Path) -> modelenv.BuiltImage:
    """The image of the model, built and verified."""
    return modelenv.build_docker(line, "line:1", options=OFFLINE, engine="buildah")


def test_it_reproduces_in_its_image(built: modelenv.BuiltImage) -> None:
    assert built.verdict == "reproduces"
    assert layers("line:1")[: len(layers(BASE))] == layers(BASE)
    assert len(layers("line:1")) <= len(layers(BASE)) + 4
    told = inspected("line:1")["Docker"]["config"]
    assert told["Labels"]["modelenv.proof"] == "reproduces"
    assert told["Healthcheck"]["Test"][0] == "CMD"
    assert "unverified" not in buildah("images")


def test_it_serves_with_a_read_only_root_and_as_nobody(
    built: modelenv.BuiltImage, line: Path, tmp_path: Path
) -> None:
    recorded = json.loads((line / "prediction.json").read_text())
    with running("line:1", tmp_path / "log") as address:
        asked = urllib.request.Request(
            f"{address}/invocations",
            json.dumps({"instances": ROWS}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked) as answer:
            assert json.loads(answer.read()) == {"predictions": recorded}
        listed = subprocess.run(
            ["ps", "-eo", "uid,args"], capture_output=True, text=True, check=True
        ).stdout
        ours = [
            each
            for each in listed.splitlines()
            if "/opt/modelenv/" in each and "unshare" not in each
        ]
        assert {each.split()[0] for each in ours} == {"10001"}
        with mounted("line:1") as root:
            probe = inspected("line:1")["Docker"]["config"]["Healthcheck"]["Test"][1:]
            subprocess.run(box("line:1", root, probe), env=of_image("line:1"), check=True)


def test_the_model_has_its_pins_and_nothing_else(built: modelenv.BuiltImage) -> None:
    with mounted("line:1") as root:
        infos = (root / "opt/modelenv/model-environment").glob("lib/*/site-packages/*.dist-info")
        names = {info.name.partition("-")[0].lower().replace("_", "-") for info in infos}
    locked = {each.partition("==")[0].replace("_", "-") for each in built.plan.model.lines}
    assert names == locked


def test_another_model_with_the_same_pins_is_one_layer(
    built: modelenv.BuiltImage, tmp_path: Path
) -> None:
    other = save(tmp_path / "other", 3.0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    modelenv.build_docker(other, "other:1", options=OFFLINE, engine="buildah", verify=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert layers("other:1")[:-1] == layers("line:1")[:-1]
    assert layers("other:1")[-1] != layers("line:1")[-1]
    assert seconds <= 3.0


def test_two_builds_have_the_same_layers(built: modelenv.BuiltImage, line: Path) -> None:
    modelenv.build_docker(
        line,
        "line:again",
        options=OFFLINE,
        engine="buildah",
        build_options=["--no-cache"],
        verify=False,
    )
    assert layers("line:again") == layers("line:1")


def test_an_image_that_predicts_something_else_is_not_tagged(
    built: modelenv.BuiltImage, line: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    shutil.copytree(line, wrong)
    prediction: list[Any] = json.loads((wrong / "prediction.json").read_text())
    (wrong / "prediction.json").write_text(json.dumps([each + 1 for each in prediction]))
    with pytest.raises(NotReproducedError, match="wrong:1 was built and not tagged: differs"):
        modelenv.build_docker(wrong, "wrong:1", options=OFFLINE, engine="buildah")
    assert "wrong" not in buildah("images")
    assert "unverified" not in buildah("images")


def test_without_a_server_its_python_predicts(line: Path) -> None:
    options = ImageOptions(base=BASE, wheelhouse=True, indexes=ANY_INDEX, server=False)
    made = modelenv.build_docker(line, "batch:1", options=options, engine="buildah")
    assert made.verdict == "reproduces"
    assert "unverified" not in buildah("images")
    job = (
        "import sys; sys.path.insert(0, '/opt/modelenv/model/code');"
        "from modelenv_pyfunc_loader import load_model;"
        f"print(load_model('/opt/modelenv/model').predict({ROWS}).tolist())"
    )
    with mounted("batch:1") as root:
        assert not (root / "opt/modelenv/server-environment").exists()
        entry = inspected("batch:1")["OCIv1"]["config"]["Entrypoint"]
        words = box("batch:1", root, [*entry, "-c", job])
        told = subprocess.run(
            words, env=of_image("batch:1"), capture_output=True, text=True, check=True
        ).stdout
    assert json.loads(told) == json.loads((line / "prediction.json").read_text())
