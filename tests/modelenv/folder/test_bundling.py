"""The wheels that travel in a folder live and go with the pins that need them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.tags import platform_tags

from envfiles import Entry, EnvSpec, read_folder
from modelenv import lock_model, update_requirements
from modelenv.folder.bundling import drop_wheels_of_another_python
from resolver import ResolverError, Target, WheelFolder

pytest.importorskip("packaging.pylock")

Model = Callable[..., Path]
Snapshot = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def folder(model: Model, wheels: Any) -> Path:
    """A folder that carries `own`, which is installed nowhere and on no index."""
    made = model({"alpha==1.0": "imported by the model", "own==1.0": "imported by the model"})
    wheels.add("alpha", "1.0")
    carry(made, wheels.add("own", "1.0"))
    text = (made / "requirements.txt").read_text()
    (made / "requirements.txt").write_text(f"--find-links wheels\n{text}")
    return made


def carry(folder: Path, wheel: Path) -> None:
    (folder / "wheels").mkdir(exist_ok=True)
    wheel.rename(folder / "wheels" / wheel.name)


def wheels_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("wheels/*"))


def lines(folder: Path) -> list[str]:
    return [entry.requirement for entry in read_folder(folder).requirements]


def sha256(file: Path) -> str:
    return "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_is_carried_is_found_where_it_is_not_installed(folder: Path, wheels: Any) -> None:
    wheels.add("beta", "2.0")
    update_requirements(folder, add=["beta"])
    assert lines(folder) == ["alpha==1.0", "beta==2.0", "own==1.0"]
    assert wheels_of(folder) == ["own-1.0-py3-none-any.whl"]
    assert read_folder(folder).options == ("--find-links wheels",)


def test_a_wheel_that_is_asked_for_is_carried_and_its_path_stays_here(
    model: Model, wheels: Any, tmp_path: Path
) -> None:
    folder = model({})
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"# ours\n{text}")
    wheel = wheels.add("own", "1.0")
    update_requirements(folder, add=[f"own @ {wheel.as_uri()}"], index="never")
    assert lines(folder) == ["own==1.0"]
    assert wheels_of(folder) == [wheel.name]
    for name in ("requirements.txt", "conda.yaml"):
        text = (folder / name).read_text()
        assert "--find-links wheels" in text
        assert name == "conda.yaml" or text.startswith("# ours\n")
        assert str(tmp_path) not in text


def test_another_wheel_of_the_same_name_takes_the_place_of_the_first(
    folder: Path, wheels: Any
) -> None:
    shelf = [WheelFolder(wheels.folder, Target.current())]
    lock_model(folder, hashes=True, sources=shelf)
    other = wheels.add("own", "1.0", "alpha")
    update_requirements(folder, add=[f"own @ {other.as_uri()}"])
    assert sha256(folder / "wheels" / other.name) == sha256(other)
    assert all(not entry.hashes for entry in read_folder(folder).requirements)


def test_a_wheel_goes_with_the_last_pin_that_needs_it(folder: Path) -> None:
    update_requirements(folder, remove=["own"])
    assert not (folder / "wheels").exists()
    assert read_folder(folder).options == ()


def test_what_cannot_be_carried_changes_nothing(
    folder: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    before = snapshot(folder)
    with pytest.raises(ResolverError):
        update_requirements(folder, add=[f"own @ {(tmp_path / 'gone.whl').as_uri()}"])
    assert snapshot(folder) == before


def test_wheels_in_a_folder_of_anothers_are_let_be(model: Model, wheels: Any) -> None:
    folder = model({"own==1.0": ""}, ours=False)
    carry(folder, wheels.add("theirs", "3.0"))
    wheel = wheels.add("mine", "1.0")
    carry(folder, wheels.add("own", "1.0"))
    update_requirements(folder, add=[f"mine @ {wheel.as_uri()}"])
    assert wheels_of(folder) == [
        f"{each}-py3-none-any.whl" for each in ("mine-1.0", "own-1.0", "theirs-3.0")
    ]
    assert lines(folder) == ["mine==1.0", "own==1.0"]


def test_a_lock_takes_what_is_carried_and_not_what_an_index_has_under_that_name(
    folder: Path, wheels: Any
) -> None:
    others = wheels.add("own", "1.0", "something-else")
    shelf = [WheelFolder(wheels.folder, Target.current())]
    lock = lock_model(folder, sources=shelf).lock
    assert lock is not None
    (file,) = lock.by_name["own"].artifacts
    assert file.path == f"wheels/{others.name}"
    assert file.hashes == (sha256(folder / file.path),) != (sha256(others),)


def test_the_model_file_names_its_lock_while_there_is_one(folder: Path, wheels: Any) -> None:
    def named() -> object:
        flavors = yaml.safe_load((folder / "MLmodel").read_text())["flavors"]
        assert flavors["modelenv"]["theirs"] == ["kept"]
        return flavors["modelenv"].get("lock")

    assert named() is None
    lock_model(folder, sources=[WheelFolder(wheels.folder, Target.current())])
    assert named() == "pylock.toml"
    wheels.add("beta", "2.0")
    update_requirements(folder, add=["beta"])
    assert not (folder / "pylock.toml").exists()
    assert named() is None


def test_options_of_the_users_lines_are_kept_without_secrets_where_they_mean_anything_elsewhere(
    folder: Path, wheels: Any, tmp_path: Path
) -> None:
    wheels.add("beta", "2.0")
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"# ours\n{text}")
    lines = f"--extra-index-url https://me:s3cr3t@host/simple\n-f {tmp_path}\n--pre\nbeta\n"
    (tmp_path / "more.txt").write_text(lines)
    edited = update_requirements(folder, add=[f"-r {tmp_path / 'more.txt'}"])
    assert read_folder(folder).options == (
        "--find-links wheels",
        "--extra-index-url https://${HOST_USERNAME}:${HOST_PASSWORD}@host/simple",
    )
    assert any("HOST_PASSWORD" in note for note in edited.notes)
    assert (folder / "requirements.txt").read_text().startswith("# ours\n")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not any(b"s3cr3t" in path.read_bytes() for path in files)


def test_a_lock_says_what_it_does_not_hold(model: Model, wheels: Any) -> None:
    wheels.add("alpha", "1.0")
    folder = model({"alpha==1.0": "x", 'nobody==1.0; python_version < "3"': "x"})
    text = (folder / "conda.yaml").read_text().replace("- pip\n", "- pip\n- libgomp=14\n", 1)
    (folder / "conda.yaml").write_text(text)
    locking = lock_model(folder, sources=[WheelFolder(wheels.folder, Target.current())])
    assert locking.lock is not None
    assert [each.name for each in locking.lock.packages] == ["alpha"]
    assert [note for note in locking.notes if "not locked" in note] == [
        'not locked, as their markers are for other targets: nobody==1.0; python_version < "3"',
        "what conda installs is not locked: libgomp=14",
    ]


def test_wheels_that_another_python_loads_are_dropped(tmp_path: Path) -> None:
    platform = next(iter(platform_tags()))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    stays = [
        "plain-1-py3-none-any.whl",
        f"stable-1-cp38-abi3-{platform}.whl",
        f"new-1-cp313-cp313-{platform}.whl",
        "elsewhere-1-cp311-cp311-win_amd64.whl",
        "unpinned-1-cp311-cp311-any.whl",
    ]
    goes = [f"old-1-cp311-cp311-{platform}.whl", "pure-1-cp311-none-any.whl"]
    for name in (*stays, *goes):
        (wheels / name).write_bytes(b"")
    names = ("plain", "stable", "new", "old", "pure")
    lines = [*(f"{name}==1" for name in names), "elsewhere==1; sys_platform == 'nowhere'"]
    spec = EnvSpec(python="3.13.0", requirements=tuple(map(Entry, lines)))
    drop_wheels_of_another_python(wheels, spec)
    assert sorted(file.name for file in wheels.iterdir()) == sorted(stays)
