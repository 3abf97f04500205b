"""The lock of a model for an image."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envfiles import Fingerprint
from modelenv import lock_model
from modelenv.base.indexes import Indexes
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.errors import NoImageError
from modelenv.ship.image import ImageOptions
from modelenv.ship.locks.locked import locked
from modelenv.wheels.locked_environment import LockedEnvironment
from resolver import SourceError

from ....small_worlds import PYTHON, write_source, write_wheel

MINOR = PYTHON.rpartition(".")[0]
PINS = {"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"}
Model = Callable[..., Path]
Asked = Callable[..., ImageOptions]


def of_model(
    folder: Path, options: ImageOptions, platform: str = "linux/amd64", **how: Any
) -> LockedEnvironment:
    before = Fingerprint.of(folder)
    found, _ = locked(ModelFolder.at(folder), options, MINOR, platform, **how)
    assert Fingerprint.of(folder) == before
    return found


def line_of(file: Path) -> str:
    name, version = file.name.removesuffix(".tar.gz").split("-")[:2]
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


@pytest.fixture
def files(tmp_path: Path, index: Any) -> list[Path]:
    """What the index has."""
    made = [
        write_wheel(tmp_path / "made", "alpha", "1.0", ["beta>=1"]),
        write_wheel(tmp_path / "made", "beta", "2.0"),
        write_wheel(tmp_path / "made", "beta", "3.0"),
    ]
    for file in made:
        index.add(file)
    return made


def test_pins_are_locked_as_they_are(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    found = of_model(model(PINS), asked())
    assert found.lines == (line_of(files[0]), line_of(files[1]))
    assert found.options == (f"--index-url {index.url}/simple/",)
    assert (found.wheels, found.sources) == ((), ())


def test_a_lock_that_fits_is_taken_and_nobody_asked(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    pytest.importorskip("packaging.pylock")
    folder = model(PINS)
    lock_model(folder, indexes=asked().indexes)
    index.asked.clear()
    found = of_model(folder, asked())
    assert found.lines == (line_of(files[0]), line_of(files[1]))
    assert not index.asked


def test_no_index_lets_no_address_of_a_lock_be_fetched_from(
    model: Model, asked: Asked, files: list[Path], index: Any, tmp_path: Path
) -> None:
    pytest.importorskip("packaging.pylock")
    folder = model(PINS)
    lock_model(folder, indexes=asked().indexes)
    index.asked.clear()
    none = replace(asked(wheelhouse=True), indexes=Indexes(no_index=True))
    with pytest.raises(NoImageError, match="--no-index lets no address be asked") as caught:
        of_model(folder, none)
    assert files[0].name in str(caught.value)
    links = replace(none, indexes=Indexes(no_index=True, find_links=[str(tmp_path / "made")]))
    assert of_model(folder, links).wheels == (files[0], files[1])
    assert not index.asked


def test_a_lock_of_several_platforms_has_what_an_image_for_another_installs(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    pytest.importorskip("packaging.pylock")
    folder = model({"alpha==1.0": "imported by the model", "beta==3.0": "via alpha"})
    lock_model(folder, platforms=["linux_aarch64"], indexes=asked().indexes)
    index.asked.clear()
    found = of_model(folder, asked(), "linux/arm64")
    assert found.lines == (line_of(files[0]), line_of(files[2]))
    assert not index.asked
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(text.replace("beta==3.0", "beta==2.0"))
    assert of_model(folder, asked(), "linux/arm64").lines[1] == line_of(files[1])  # out of date


def test_a_lock_of_other_pins_is_left_alone(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    pytest.importorskip("packaging.pylock")
    folder = model(PINS)
    lock_model(folder, indexes=asked().indexes)
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(text.replace("beta==2.0", "beta==3.0"))
    assert of_model(folder, asked()).lines[1] == line_of(files[2])


def test_a_loose_list_is_resolved(model: Model, asked: Asked, files: list[Path]) -> None:
    folder = model({"alpha": ""}, ours=False)
    (folder / "MLmodel").write_text(
        "mlflow_version: 2.9.0\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
        "    model_path: model.pkl\n"
    )
    assert of_model(folder, asked()).lines == (line_of(files[0]), line_of(files[2]))


def test_pins_of_another_platform_are_resolved(
    model: Model, asked: Asked, tmp_path: Path, index: Any, files: list[Path]
) -> None:
    """What only Linux needs is there then."""
    more = [
        write_wheel(tmp_path / "made", "delta", "1.0", ["gamma; sys_platform == 'linux'"]),
        write_wheel(tmp_path / "made", "gamma", "1.0"),
    ]
    for file in more:
        index.add(file)
    folder = model({"delta==1.0": "imported by the model"})
    assert of_model(folder, asked()).lines == (line_of(more[0]),)
    markers = {"sys_platform": "darwin", "platform_machine": "arm64"}
    (folder / "trace.json").write_text(json.dumps({"markers": markers}))
    assert of_model(folder, asked()).lines == tuple(map(line_of, more))


def test_wheels_of_the_folder_travel(model: Model, asked: Asked, files: list[Path]) -> None:
    folder = model({**PINS, "own==1.0": "imported by the model"})
    own = write_wheel(folder / "wheels", "own", "1.0")
    requirements = folder / "requirements.txt"
    requirements.write_text("--find-links wheels\n" + requirements.read_text())
    found = of_model(folder, asked())
    assert found.lines[2] == line_of(own)
    assert found.wheels == (own,)


def test_in_a_wheelhouse_every_wheel_travels_and_is_fetched_once(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    folder = model(PINS)
    found = of_model(folder, asked(wheelhouse=True))
    assert [file.read_bytes() for file in found.wheels] == [each.read_bytes() for each in files[:2]]
    assert found.options == ()
    index.asked.clear()
    assert of_model(folder, asked(wheelhouse=True)) == found
    assert not [path for path in index.asked if path.startswith("/files/")]


def test_a_file_that_is_another_than_the_index_says_is_refused(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    pytest.importorskip("packaging.pylock")
    folder = model({"beta==2.0": "imported by the model"})
    lock_model(folder, indexes=asked().indexes)
    index.files[files[1].name] = files[1].read_bytes()[:-1] + b"x"
    with pytest.raises(SourceError, match="sha256"):
        of_model(folder, asked(wheelhouse=True))


@pytest.mark.slow
def test_what_was_kept_and_spoiled_is_fetched_again(
    model: Model, asked: Asked, files: list[Path]
) -> None:
    folder = model({"beta==2.0": "imported by the model"})
    (kept,) = of_model(folder, asked(wheelhouse=True)).wheels
    kept.write_bytes(b"spoiled")
    assert of_model(folder, asked(wheelhouse=True)).wheels == (kept,)
    assert kept.read_bytes() == files[1].read_bytes()


@pytest.fixture
def source(tmp_path: Path, index: Any) -> Path:
    file = write_source(tmp_path / "made", "built", "1.0")
    index.add(file)
    return file


def test_what_has_no_wheel_is_named(model: Model, asked: Asked, source: Path) -> None:
    folder = model({"built==1.0": "imported by the model"})
    requirements = folder / "requirements.txt"
    told = 'built==1.0 --config-settings="fast=1"'
    requirements.write_text(requirements.read_text().replace("built==1.0", told))
    found = of_model(folder, asked())
    line = f"{line_of(source)} --config-settings fast=1"
    assert (found.sources, found.lines) == (("built",), (line,))


def test_a_source_that_only_this_machine_has_travels(
    model: Model, asked: Asked, tmp_path: Path
) -> None:
    file = write_source(tmp_path / "links", "built", "1.0")
    folder = model({"built==1.0": "imported by the model"})
    found = of_model(folder, asked(find_links=tmp_path / "links"))
    assert (found.sources, found.lines, found.wheels) == (("built",), (line_of(file),), (file,))


def test_a_wheelhouse_has_no_sources_and_all_are_named(
    model: Model, asked: Asked, source: Path, index: Any, tmp_path: Path
) -> None:
    index.add(write_source(tmp_path / "made", "other", "2.0"))
    folder = model({"built==1.0": "imported by the model", "other==2.0": "via built"})
    with pytest.raises(NoImageError, match=r"built==1\.0, other==2\.0: .*source.*--build"):
        of_model(folder, asked(wheelhouse=True))


@pytest.mark.slow
def test_its_wheel_is_built_where_that_is_asked(model: Model, asked: Asked, source: Path) -> None:
    folder = model({"built==1.0": "imported by the model"})
    found = of_model(folder, asked(wheelhouse=True, build=True))
    assert found.sources == ()
    (wheel,) = found.wheels
    assert found.lines == (line_of(wheel),)


def test_a_wheel_at_an_address_travels(
    model: Model, asked: Asked, files: list[Path], index: Any
) -> None:
    digest = hashlib.sha256(files[1].read_bytes()).hexdigest()
    url = f"{index.url}/files/{files[1].name}#sha256={digest}"
    found = of_model(model({f"beta @ {url}": "imported by the model"}), asked())
    assert found.lines == (line_of(files[1]),)
    assert [file.name for file in found.wheels] == [files[1].name]


@pytest.mark.slow
def test_a_wheel_is_built_of_a_commit_where_that_is_asked(
    model: Model, asked: Asked, tmp_path: Path
) -> None:
    """pip clones it; its build backend needs nothing."""
    with tarfile.open(write_source(tmp_path, "built", "1.0")) as archive:
        archive.extractall(tmp_path)  # we made it
    project = tmp_path / "built-1.0"

    def git(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@host")
        command = ["git", "-C", str(project), *who, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    line = f"built @ git+{project.as_uri()}@{git('rev-parse', 'HEAD')}"
    found = of_model(model({line: "imported by the model"}), asked(build=True))
    (wheel,) = found.wheels
    assert (found.lines, found.sources) == ((line_of(wheel),), ())
    assert of_model(model({line: ""}, name="another"), asked(build=True)) == found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a @ https://host/a-1.0-py3-none-any.whl", "neither a commit nor a hash"),
        (f"a @ git+https://host/a@{'0a' * 20}", "commit, for which no installer.*--build"),
        ("a @ git+https://host/a@main", "neither a commit nor a hash"),
        (f"a @ https://host/a-1.0.tar.gz#sha256={'0' * 64}", "only a source distribution.*--build"),
        (f"a @ https://host/a-1.0-cp27-none-win32.whl#sha256={'0' * 64}", "another Python"),
        ("gone==1.0", "gone 1.0"),
    ],
)
def test_what_cannot_be_had_is_refused(model: Model, asked: Asked, line: str, said: str) -> None:
    with pytest.raises(NoImageError, match=f"(?s){said}"):
        of_model(model({line: "imported by the model"}), asked())


def test_an_address_with_a_login_is_left_to_the_build(
    model: Model, asked: Asked, files: list[Path], index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = index.url.removeprefix("http://")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"http://me:s3cr3t-word@{host}/simple/")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:s3cr3t-word@{host}/simple/")
    options = ImageOptions(server=False)
    found = of_model(model(PINS), options)
    assert "s3cr3t" not in repr(found)
    assert "PIP_INDEX_URL" in found.unwritten
    assert not [line for line in found.options if host in line]


def test_what_conda_installs_is_had_from_pip(model: Model, asked: Asked, files: list[Path]) -> None:
    folder = model({"alpha==1.0": "imported by the model"}, provided="beta==2.0")
    assert of_model(folder, asked()).lines == (line_of(files[0]), line_of(files[1]))
