"""A save locks the environment where it has every hash already, and asks nobody for one."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import packaging
import pytest
import yaml
from packaging.version import Version

import modelenv
from envfiles import check_agreement, read_folder
from modelenv.pins.lock_entries import lock_at_hand
from resolver import Artifact, Pin, Resolution, Target

pytest.importorskip("packaging.pylock")

GROW = "def grow(each):\n    return each + 1\n"


@pytest.fixture
def model(project: Any) -> Any:
    return project.model("import greenhouse\nreturn [greenhouse.grow(each) for each in data]")


def save(model: Any, folder: Path, **options: Any) -> Any:
    return modelenv.save_model(model, folder, input_example=[1, 2], **options)


def install(site: Any, name: str, texts: dict[str, str], about: dict[str, Any] | None) -> None:
    info = site.install(name, texts)
    if about is not None:
        (info / "direct_url.json").write_text(json.dumps(about))


def named_lock(folder: Path) -> object:
    flavors = yaml.safe_load((folder / "MLmodel").read_text())["flavors"]
    return flavors["modelenv"].get("lock")


def local(tmp_path: Path) -> dict[str, Any]:
    return {"url": (tmp_path / "sources").as_uri(), "dir_info": {}}


COMMIT = {"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "0f" * 20}}


def test_where_every_pin_travels_as_a_wheel_all_is_hashed_and_locked(
    own_site: Any, model: Any, tmp_path: Path
) -> None:
    install(own_site, "greenhouse", {"greenhouse.py": GROW}, local(tmp_path))
    folder = tmp_path / "out"
    account = save(model, folder)
    wheel = folder / "wheels/greenhouse-1.0-1-py3-none-any.whl"
    digest = "sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest()
    spec = read_folder(folder)
    assert [entry.hashes for entry in spec.requirements] == [(digest,)]
    assert spec.lock is not None
    (artifact,) = spec.lock.by_name["greenhouse"].artifacts
    assert (artifact.path, artifact.hashes) == (f"wheels/{wheel.name}", (digest,))
    check_agreement(folder)
    assert named_lock(folder) == "pylock.toml"
    assert any("travels as" in note for note in account.notes)
    assert not any("could answer" in note for note in account.notes)


def test_where_one_is_an_indexs_nothing_is_half_hashed_and_the_account_warns(
    own_site: Any, model: Any, tmp_path: Path
) -> None:
    install(own_site, "greenhouse", {"greenhouse.py": "import glass\n" + GROW}, local(tmp_path))
    own_site.install("glass")
    save_options = {"extra_pip_requirements": ["glass"]}
    account = save(model, tmp_path / "out", **save_options)
    text = (tmp_path / "out/requirements.txt").read_text()
    assert "--hash" not in text
    assert "glass==1.0" in text
    assert not (tmp_path / "out/pylock.toml").exists()
    assert named_lock(tmp_path / "out") is None
    assert any("an index that has that name and version could" in each for each in account.notes)


def test_a_commit_is_locked_but_no_line_of_requirements_has_a_hash(
    own_site: Any, model: Any, tmp_path: Path
) -> None:
    install(own_site, "greenhouse", {"greenhouse.py": "import glass\n" + GROW}, local(tmp_path))
    install(own_site, "glass", {"glass.py": ""}, COMMIT)
    save(model, tmp_path / "out", extra_pip_requirements=["glass"])
    spec = read_folder(tmp_path / "out")
    assert spec.lock is not None
    assert spec.lock.by_name["glass"].reference == f"git+https://host/r.git@{'0f' * 20}"
    assert all(not entry.hashes for entry in spec.requirements)
    assert named_lock(tmp_path / "out") == "pylock.toml"


def pin(*files: str, hashes: tuple[str, ...] = ("sha256:" + "0f" * 32,)) -> Pin:
    made = (Artifact(file, f"https://host/{file}", hashes, 7) for file in files)
    return Pin("own", Version("1.0"), source="index", artifacts=tuple(made))


def lock_of(pin: Pin, wheels: Path) -> Any:
    return lock_at_hand(Resolution((pin,)), {"own": "x"}, wheels, Target.current())


def test_what_an_index_named_already_is_at_hand_by_its_wheels(tmp_path: Path) -> None:
    lock = lock_of(pin("own-1.0-py3-none-any.whl", "own-1.0.tar.gz"), tmp_path)
    (file,) = lock.by_name["own"].artifacts
    assert (file.url, file.size) == ("https://host/own-1.0-py3-none-any.whl", 7)
    (source,) = lock_of(pin("own-1.0.tar.gz"), tmp_path).by_name["own"].artifacts
    assert source.file == "own-1.0.tar.gz"


@pytest.mark.parametrize("others", [(), ("other-1.0-py3-none-any.whl",)])
def test_what_a_folder_of_links_has_and_does_not_travel_is_not_at_hand(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    for other in others:
        (tmp_path / "wheels").mkdir()
        (tmp_path / "wheels" / other).write_bytes(b"")
    elsewhere = Pin("own", Version("1.0"), source="wheels")
    assert lock_of(elsewhere, tmp_path / "wheels") is None


def test_without_a_hash_that_pip_takes_nothing_is_at_hand(tmp_path: Path) -> None:
    for hashes in ((), ("md5=" + "0" * 32,)):
        assert lock_of(pin("own-1.0-py3-none-any.whl", hashes=hashes), tmp_path) is None
    assert lock_of(pin(), tmp_path) is None


def test_where_packaging_knows_no_locks_the_lines_are_hashed_all_the_same(
    own_site: Any, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As packaging 24 does not."""
    monkeypatch.delattr(packaging, "pylock", raising=False)
    monkeypatch.setitem(sys.modules, "packaging.pylock", None)
    install(own_site, "greenhouse", {"greenhouse.py": GROW}, local(tmp_path))
    folder = tmp_path / "out"
    account = save(model, folder)
    assert not (folder / "pylock.toml").exists()
    assert named_lock(folder) is None
    assert all(entry.hashes for entry in read_folder(folder).requirements)
    assert "not written: pylock.toml needs packaging 26 or newer" in str(account)
