"""A model moves to the newest libraries with which it predicts what it did, and no further."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import modelenv
from envfiles import check_agreement, dump_toml, read_folder
from modelenv import Indexes
from modelenv.base.errors import NotMadeError, WrongUseError
from modelenv.base.settings import Settings
from modelenv.cli.time.upgrading import upgrade as command
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find
from resolver import ConflictError

from ...small_worlds import add_flavor, write_wheel
from ..conftest import Project, Site

HERE = ".".join(map(str, sys.version_info[:2]))
VALUE = "def value(x):\n    return x * 2.0\n"
FAILS = (
    "class Kept: pass\ndef value(x):\n"
    "    raise AttributeError(\"'Kept' object has no attribute 'new'\")\n"
)
ASKS_FOR_TYPES = (
    "import sklearn\ndef value(x):\n    if sklearn.version == '1.8.0':\n"
    "        raise TypeError('`_estimator_type` undefined.  Please use appropriate mixin')\n"
    "    return x * 2.0\n"
)
READS_NO_BINARY = (
    "def value(x):\n    raise ValueError('The binary format is deprecated and removed in 3.1')\n"
)
WANTS_OLD = "import other\nother.old\n"


class World:
    """A model of `own`, which needs `other`, and a folder of their releases."""

    def __init__(self, root: Path, site: Site, project: Project) -> None:
        self.root, self.site, self.project = root, site, project
        self.places = Indexes(find_links=str(root / "wheels"), no_index=True)

    def release(self, name: str, version: str, text: str, *needs: str) -> None:
        text = f"version = {version!r}\n{text}"
        modules = {f"{name}/__init__.py": text}
        write_wheel(self.root / "wheels", name, version, needs, modules=modules)
        if version == "1.0":
            self.site.install(name, modules, requires=needs)

    def save(self, body: str = "import own\nreturn own.value(data)") -> Path:
        model = self.project.model(body)
        modelenv.save_model(model, self.root / "model", input_example=1.5)
        return self.root / "model"

    def upgrade(self, folder: Path, *names: str, **further: Any) -> modelenv.Upgrade:
        options = {"python": HERE, "indexes": self.places, **further}
        return modelenv.upgrade(folder, requirements=names, **options)


@pytest.fixture
def world(
    tmp_path: Path, own_site: Site, project: Project, monkeypatch: pytest.MonkeyPatch
) -> World:
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    return World(tmp_path, own_site, project)


def pins(folder: Path) -> list[str]:
    return [entry.requirement for entry in read_folder(folder).requirements]


def test_what_fails_goes_back_and_what_must_go_with_it(world: World) -> None:
    world.release("other", "1.0", "old = 1\n")
    world.release("other", "2.0", "")
    for version in ("1.0", "1.1"):
        world.release("own", version, WANTS_OLD + VALUE, "other")
    for version in ("1.2", "1.3"):
        world.release("own", version, FAILS, "other")
    folder = world.save()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    upgrade = world.upgrade(folder)

    assert upgrade
    assert upgrade.after.lines == ("other==1.0", "own==1.1")
    assert upgrade.builds == 4
    assert [(stop.name, stop.kept, stop.failed) for stop in upgrade.stops] == [
        ("own", "1.1", "1.2")
    ]
    assert "no attribute 'new'" in upgrade.stops[0].reason
    assert upgrade.path == world.root / "model-upgraded"
    assert pins(upgrade.path) == ["other==1.0", "own==1.1"]
    check_agreement(upgrade.path)
    assert upgrade.locked
    assert modelenv.verify(upgrade.path, indexes=world.places).status == "reproduces"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_another_prediction_stops_too_unless_it_is_near_enough(world: World) -> None:
    world.release("own", "1.0", VALUE)
    world.release("own", "1.1", "def value(x):\n    return x * 2.0001\n")
    folder = world.save()

    strict = world.upgrade(folder)
    assert not strict
    assert not strict.written
    assert not (world.root / "model-upgraded").exists()
    assert "nothing newer was found" in str(strict)
    assert "own stays at 1.0: with 1.1 prediction: 3.0 became 3.00015" in str(strict)

    wide = world.upgrade(folder, tolerance=0.001)
    assert wide.after.lines == ("own==1.1",)
    assert wide.best is not None
    assert wide.best.outcome == "close"
    assert "within 0.001 of the recorded one (off by 0.00015)" in str(wide)


def test_what_is_to_blame_with_another_goes_back_with_it(world: World) -> None:
    world.release("own", "1.0", VALUE)
    world.release("own", "1.0.1", VALUE)
    world.release("own", "1.1", "def value(x):\n    return x * 3.0\n")
    for version, old in {"1.0": 1, "1.1": 2}.items():
        world.release("other", version, f"old = {old}\n")
    folder = world.save("import own, other\nreturn own.value(data) * other.old")
    upgrade = world.upgrade(folder)
    assert upgrade.after.lines == ("other==1.0", "own==1.0.1")
    assert {stop.name for stop in upgrade.stops} == {"own", "other"}
    assert upgrade.builds == 4


def test_a_native_model_goes_on_by_what_is_known_of_its_library(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(world.site.root))  # before a scikit-learn that is installed
    for version in ("1.0", "1.7.2", "1.8.0"):
        modules = {"sklearn/__init__.py": f"version = {version!r}\n"}
        write_wheel(world.root / "wheels", "scikit_learn", version, modules=modules)
        if version == "1.0":
            world.site.install("scikit-learn", modules)
    for version in ("1.0", "1.6", "2.0", "2.1", "3.0"):
        world.release("xgboost", version, ASKS_FOR_TYPES, "scikit-learn")
    for version in ("3.1", "3.2"):
        world.release("xgboost", version, READS_NO_BINARY, "scikit-learn")
    folder = world.save("import xgboost\nreturn xgboost.value(data)")
    add_flavor(folder, "xgboost", b"binf\0", {"xgb_version": "1.0"})

    upgrade = world.upgrade(folder)

    assert upgrade.after.lines == ("scikit-learn==1.7.2", "xgboost==3.0")
    assert upgrade.builds == 3
    stops = {stop.name: stop.because for stop in upgrade.stops}
    assert "no longer reads files in the binary format" in stops["xgboost"]
    assert "in a way that scikit-learn 1.8 does not know" in stops["scikit-learn"]


def test_the_library_of_a_native_model_is_the_first_that_may_predict_otherwise(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(world.site.root))  # before a LightGBM that is installed
    for version, factor in {"1.0": 2.0, "1.1": 3.0}.items():
        world.release("lightgbm", version, f"def value(x):\n    return x * {factor}\n", "binning")
        world.release("binning", version, "")
    folder = world.save("import binning, lightgbm\nreturn lightgbm.value(data)")
    add_flavor(folder, "lightgbm", b"tree\n", {"lgb_version": "1.0"})
    upgrade = world.upgrade(folder)
    assert upgrade.after.lines == ("binning==1.1", "lightgbm==1.0")
    assert upgrade.builds == 2


def test_only_what_is_named_moves(world: World) -> None:
    for version in ("1.0", "1.5", "2.0"):
        world.release("own", version, VALUE)
        world.release("other", version, "old = 1\n")
    folder = world.save("import own, other\nreturn own.value(data) * other.old")
    upgrade = world.upgrade(folder, "other<2")
    assert upgrade.after.lines == ("other==1.5", "own==1.0")
    assert upgrade.builds == 1
    with pytest.raises(WrongUseError, match="absent: not among the pins"):
        world.upgrade(folder, "absent", destination=world.root / "new")


def test_what_is_the_newest_is_not_tried(world: World) -> None:
    world.release("own", "1.0", VALUE)
    upgrade = world.upgrade(world.save())
    assert not upgrade
    assert upgrade.builds == 0
    assert upgrade.notes == ("it has the newest versions already",)
    assert not upgrade.written


@pytest.mark.parametrize("admits", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_what_becomes_of_the_locks_beside_it_is_told(
    world: World, index: Any, uv: str, monkeypatch: pytest.MonkeyPatch, admits: bool
) -> None:
    for version in ("1.0", "1.1"):
        world.release("own", version, VALUE)
        index.add(world.root / "wheels" / f"own-{version}-py3-none-any.whl")
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple/")
    folder = world.save()
    needs = f"{'>=' if admits else '<'}{HERE}"
    project = {"name": "p", "version": "1", "dependencies": ["own==1.0"], "requires-python": needs}
    (folder / "pyproject.toml").write_text(dump_toml({"project": project}))
    if admits:
        at = [uv, "lock", "-q", "--project", str(folder), "--python", sys.executable]
        subprocess.run([*at, "--default-index", f"{index.url}/simple/"], check=True)
    else:
        (folder / "uv.lock").write_text(f'version = 1\nrequires-python = "{needs}"\n')
    modelenv.lock_model(folder, platforms=["win_amd64"])
    (folder / "pylock.other.toml").write_text("")

    upgrade = world.upgrade(folder, indexes=Indexes())

    assert pins(upgrade.path) == ["own==1.1"]
    again = f"modelenv lock -m {upgrade.path}"
    assert f"pylock.other.toml was out of date and is gone: {again}" in upgrade.notes
    assert f"pylock.toml is for one target now: {again} --platform win_amd64" in str(upgrade)
    said = [each for each in upgrade.notes if each.startswith("uv.lock and pyproject.toml")]
    assert len(said) == 1
    assert ("are made anew, by uv" in said[0]) is admits
    assert ("were out of date and are gone (uv could not lock them" in said[0]) is not admits
    assert (upgrade.path / "uv.lock").exists() is admits


def test_lines_for_other_targets_take_no_hash_from_the_pins(
    world: World, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0", "1.1"):
        world.release("own", version, VALUE)
        index.add(world.root / "wheels" / f"own-{version}-py3-none-any.whl")
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple/")
    folder, open_line = world.save(), "other>=1; python_version < '3.9'"
    modelenv.lock_model(folder, hashes=True)
    modelenv.update_requirements(folder, add=[open_line])
    upgrade = world.upgrade(folder, indexes=Indexes())
    before, after = (read_folder(each).requirements for each in (folder, upgrade.path))
    assert [bool(each.hashes) for each in before] == [False, True]
    assert [(each.requirement, bool(each.hashes)) for each in after] == [
        ('other>=1; python_version < "3.9"', False),
        ("own==1.1", True),
    ]
    assert not any("other" in each for each in upgrade.notes)  # it holds nothing here


@pytest.mark.slow
def test_a_line_that_counts_on_the_new_python_is_tried_and_pinned(world: World) -> None:
    other = "3.13" if HERE == "3.12" else "3.12"
    try:
        find(other, Python.current(), Settings.from_environment())
    except PythonMissingError:
        pytest.skip(f"there is no Python {other}")
    world.release("own", "1.0", VALUE)
    world.release("other", "1.0", "")
    world.release("other", "2.0", "")
    folder = world.save()
    line = f'other<2; python_version == "{other}"'
    edited = modelenv.update_requirements(folder, add=[line])
    assert pins(folder) == [line, "own==1.0"]
    assert "its proof stands" in str(edited)
    upgrade = world.upgrade(folder, python=other)
    assert pins(upgrade.path) == ["other==1.0", "own==1.0"]
    assert "added other==1.0" in str(upgrade)


def test_a_folder_that_stands_is_not_overwritten(world: World) -> None:
    world.release("own", "1.0", VALUE)
    folder = world.save()
    with pytest.raises(NotMadeError, match="which stays as it is"):
        world.upgrade(folder, destination=folder)
    with pytest.raises(NotMadeError, match="which stays as it is"):
        world.upgrade(folder, destination=folder / "code" / "new")
    assert not (folder / "code" / "new").exists()


def test_what_cannot_be_is_an_error_that_says_why(world: World) -> None:
    world.release("own", "1.0", VALUE)
    folder = world.save()
    with pytest.raises(ConflictError, match="own<1"):
        world.upgrade(folder, "own<1")
    with pytest.raises(WrongUseError, match="tolerance must be a number from 0 to less than 1"):
        world.upgrade(folder, tolerance=-1)
    with pytest.raises(WrongUseError, match="say where they are, as advisories="):
        world.upgrade(folder, security=True)
    with pytest.raises(WrongUseError, match="no other names: leave out own"):
        world.upgrade(folder, "own", security=True)
    assert not world.upgrade(folder, tolerance=0)


def test_the_command_reports_warnings_and_tells_by_its_exit_code(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.release("own", "1.0", VALUE)
    warns = "import warnings\nwarnings.warn('soon gone', FutureWarning)\n"
    world.release("own", "1.1", warns + VALUE)
    folder = world.save()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    where = ["--python", HERE, "--find-links", str(world.root / "wheels")]

    ended = CliRunner().invoke(command, ["-m", str(folder), *where, "--json"])

    assert ended.exit_code == 0, ended.output
    said = json.loads(ended.stdout)
    assert said["changes"] == ["own==1.0 -> own==1.1"]
    assert said["warnings"] == [
        {"category": "FutureWarning", "message": "soon gone", "place": "own/__init__.py:3"}
    ]
    document = modelenv.inspect_model(said["path"])
    assert document is not None

    again = CliRunner().invoke(command, ["-m", said["path"], *where])
    assert again.exit_code == 1
    assert "the newest versions already" in again.stdout
