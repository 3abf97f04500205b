"""A model is named by a path, a `file:` URI, or a URI that MLflow can download."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import modelenv
from modelenv.base.addresses.model_uri import DownloadFailedError, NotLocalError, is_remote, local
from modelenv.cli import main

REMOTE = ["runs:/0a1b/model", "models:/churn/3", "models:/churn@champion", "s3://bucket/m"]
REMOTE += ["mlflow-artifacts:/1/a/artifacts/m", "gs://bucket/m", "dbfs:/m", "https://host/m"]


@pytest.mark.parametrize("uri", REMOTE)
def test_what_lies_in_a_store_is_told_from_a_path(uri: str) -> None:
    assert is_remote(uri)
    with pytest.raises(NotLocalError, match=f"mlflow artifacts download --artifact-uri {uri} "):
        local(uri)


@pytest.mark.parametrize("place", ["model", "./a:b/model", "C:/models/m", "c:\\m", "/a/b", "a:b"])
def test_a_path_is_one_whatever_is_in_it(place: str) -> None:
    assert not is_remote(place)
    assert local(place) == Path(place)


def test_a_file_uri_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a model"
    assert local(folder.as_uri()) == folder
    assert local(f"file:{tmp_path}") == tmp_path


STORE = """
import os, shutil
def download_artifacts(artifact_uri, dst_path):
    if artifact_uri.endswith("gone"):
        raise LookupError("no such run")
    target = os.path.join(dst_path, "model")
    shutil.copytree({place!r}, target)
    return target
"""


@pytest.fixture
def saved(project: object, tmp_path: Path) -> Path:
    model = project.model("return data + 1")  # type: ignore[attr-defined]
    modelenv.save_model(model, tmp_path / "saved", input_example=2)
    return tmp_path / "saved"


@pytest.fixture
def store(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in for an MLflow that downloads a copy of what was saved, whatever the URI."""
    package = tmp_path / "elsewhere" / "mlflow"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "artifacts.py").write_text(STORE.format(place=str(saved)))
    monkeypatch.syspath_prepend(str(package.parent))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlflow"]:
        del sys.modules[name]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("uri", REMOTE[:4])
def test_whoever_reads_a_model_downloads_it(
    uri: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert modelenv.predict(uri, 4) == 5
    assert modelenv.verify(uri).status == "reproduces"
    assert modelenv.inspect_model(uri).globals == ("own_model.Model",)
    main(["inspect", "-m", uri])
    assert "proof: reproduces" in capsys.readouterr().out
    main(["requirements", "list", "-m", uri])
    main(["diff", uri, str(tmp_path / "saved")])


LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
import modelenv
print(modelenv.load_model("runs:/0a1b/model", suppress_warnings=True).predict(4))
"""


@pytest.mark.usefixtures("store")
def test_what_is_loaded_lasts_as_long_as_its_process(temporary: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOAD, str(tmp_path / "elsewhere")]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout == "5\n"
    assert [*temporary.iterdir()] == []


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "words",
    [
        ("lock", "-m", REMOTE[0]),
        ("requirements", "add", "six", "-m", REMOTE[1]),
        ("fix", "-m", REMOTE[2]),
        ("migrate-channels", REMOTE[3]),
    ],
)
def test_whoever_changes_a_model_needs_a_folder(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 2
    assert "what is changed here has to be one: `mlflow artifacts" in capsys.readouterr().err


@pytest.mark.usefixtures("store")
def test_what_mlflow_says_is_passed_on() -> None:
    with pytest.raises(DownloadFailedError, match="runs:/gone: no such run"):
        modelenv.verify("runs:/gone")


def test_a_file_uri_is_read_and_changed(saved: Path) -> None:
    assert modelenv.predict(saved.as_uri(), 4) == 5
    edited = modelenv.update_requirements(saved.as_uri(), constraints=["six<99"])
    assert edited.path == saved
    assert "six<99" in (saved / "constraints.txt").read_text()


@pytest.mark.skipif("mlflow" in sys.modules, reason="MLflow is here")
def test_without_mlflow_the_command_is_told() -> None:
    with pytest.raises(NotLocalError, match="MLflow cannot be imported to fetch it"):
        modelenv.verify("runs:/0a1b/model")
