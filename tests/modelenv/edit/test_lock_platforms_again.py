"""One lock for several platforms: made again, of lines with markers, and where wheels lack."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from modelenv import lock_model
from modelenv.environments.interpreter import Python
from modelenv.folder.model_folder import ModelFolder
from modelenv.wheels.targets import parse_target
from resolver import ConflictError

from ...small_worlds import write_wheel
from .platforms import (
    LINUX,
    MAC,
    NEW,
    NEWER,
    ON_LINUX,
    ON_MAC,
    ON_WINDOWS,
    OWN,
    WINDOWS,
    Model,
    World,
    installs,
    lock_of,
    versions,
)

pytest.importorskip("packaging.pylock")
pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="what is the model's own platform is written here",
)
MUSL = "musllinux_1_2_x86_64"


def bundled(folder: Path, file: Path) -> None:
    """Let a wheel travel with a model."""
    (folder / "wheels").mkdir()
    (folder / "wheels" / file.name).write_bytes(file.read_bytes())


@pytest.mark.parametrize("to", [{"platforms": [WINDOWS]}, {"target": f"{OWN}-{WINDOWS}"}])
def test_a_copy_of_what_the_index_has_is_no_reason_to_lack_it_elsewhere(
    model: Model, world: World, to: dict[str, object]
) -> None:
    """A lock copies what was found on this machine; the next one finds the others all the same."""
    world.add("own", "2.0", tags=f"{ON_LINUX} {ON_WINDOWS}")
    folder = model({"own==2.0": "imported by the model"})
    bundled(folder, world.folder / f"own-2.0-{ON_LINUX}.whl")
    locking = lock_model(folder, **to)  # type: ignore[arg-type]
    assert locking.lock is not None, locking
    files = [file.file for each in locking.lock.packages for file in each.artifacts]
    assert f"own-2.0-{ON_WINDOWS}.whl" in files


def test_what_the_model_alone_has_is_taken_from_nowhere_else(
    model: Model, world: World, tmp_path: Path
) -> None:
    """The index has another project's wheel of that name and version."""
    world.add("own", "2.0", tags=f"{ON_LINUX} {ON_WINDOWS}")
    mine = write_wheel(tmp_path / "mine", "own", "2.0", modules={"own/mine.py": "mine = 1"})
    folder = model({"own==2.0": "imported by the model"})
    bundled(folder, mine.rename(mine.with_name(f"own-2.0-{ON_LINUX}.whl")))
    locking = lock_model(folder, platforms=[WINDOWS])
    assert locking.lock is None
    assert "no file of it is for this platform" in str(locking)


def test_nor_is_another_version_of_that_name(model: Model, world: World, tmp_path: Path) -> None:
    world.add("own", "2.1", tags=ON_WINDOWS)
    mine = write_wheel(tmp_path / "mine", "own", "2.0")
    folder = model({"own==2.0": "imported by the model"})
    bundled(folder, mine.rename(mine.with_name(f"own-2.0-{ON_LINUX}.whl")))
    with pytest.raises(ConflictError, match="no wheel of it is for this platform") as caught:
        lock_model(folder, platforms=[WINDOWS])
    wheel = f"wheels/own-2.0-{ON_LINUX}.whl"
    assert f"{wheel} allows only own==2.0" in str(caught.value)
    assert f"own travels as {wheel}: a wheel of it for {OWN}-{WINDOWS} beside that does." in str(
        caught.value
    )
    assert "wheels[0]" not in str(caught.value)
    assert "own 2.1" not in "".join(caught.value.advice)  # it is another project's


def test_the_marker_of_the_users_line_holds_elsewhere(model: Model, world: World) -> None:
    said = "mine[0]: delta<4; sys_platform != 'win32'"
    folder = model({"delta==3.0": f"via {said}", "beta==2.0": f"asked for (beta); via {said}"})
    lock_model(folder, platforms=[MAC, WINDOWS])
    assert versions(folder, f"{OWN}-{MAC}") == {"beta": "2.0", "delta": "3.0"}
    assert versions(folder, f"{OWN}-{WINDOWS}") == {"beta": "2.0"}


def test_what_is_at_a_place_of_its_own_is_that_everywhere(model: Model, world: World) -> None:
    """The index has another project of that name, which `alpha` asks for as well."""
    world.add("beta", "3.0")
    place = "git+https://host.test/beta@1f2e3d4"
    folder = model({"alpha==1.0": "imported by the model", f"beta @ {place}": "via alpha"})
    locking = lock_model(folder, platforms=[WINDOWS], pythons=[NEW])
    assert "besides delta 3.0" in str(locking)
    assert locking.notes == (
        "beta: taken from the same place everywhere, whatever it requires elsewhere",
    )
    (beta,) = (each for each in lock_of(folder).packages if each.name == "beta")
    assert (beta.reference, beta.marker) == (place, "")


def test_a_wheel_at_a_place_of_its_own_has_to_suit_every_target(model: Model, world: World) -> None:
    digest = "0" * 64
    wheel = f"own-1.0-{ON_LINUX}.whl"
    folder = model({f"own @ https://host.test/{wheel}#sha256={digest}": "imported by the model"})
    assert lock_model(folder, platforms=[LINUX], pythons=[NEW]).lock is not None
    (said,) = lock_model(folder, platforms=[WINDOWS]).missing
    assert said == f"{OWN}-{WINDOWS}: own: {wheel} is not for this platform and Python"


def test_who_has_no_wheel_at_all_moves_nobody_else(model: Model, world: World) -> None:
    """No marker tells a libc; that of musl builds the proven version, which the other has."""
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "2.1", tags=ON_LINUX)
    world.add_source("own", "2.0")
    folder = model({"own==2.0": "imported by the model"})
    locking = lock_model(folder, platforms=[LINUX, MUSL], pythons=[NEW])
    assert versions(folder, f"{NEW}-{LINUX}") == {"own": "2.0"}
    musl = installs(folder, parse_target(f"{NEW}-{MUSL}"))
    assert musl == {"own": ("2.0", "own-2.0.tar.gz")}
    assert f"{NEW}-{MUSL}: own 2.0 has only a source distribution" in str(locking)


def test_it_is_told_where_a_nearer_version_gives_way_to_one_for_several(
    model: Model, world: World
) -> None:
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "2.1", tags=ON_WINDOWS)
    world.add("own", "2.2", tags=f"{ON_MAC} {ON_WINDOWS}")
    folder = model({"own==2.0": "imported by the model"})
    locking = lock_model(folder, platforms=[MAC, WINDOWS])
    assert {each.version for each in lock_of(folder).packages} == {"2.0", "2.2"}
    told = f"{OWN}-{WINDOWS}: own 2.2 and not 2.1, which is nearer to 2.0: as few versions"
    assert any(told in note for note in locking.notes), locking.notes


def test_another_python_is_given_what_the_lock_has_for_it(model: Model, world: World) -> None:
    """As `verify --python` asks for it."""
    own, new = (f"cp3{python.partition('.')[2]}" for python in (OWN, NEW))
    world.add("own", "2.0", tags=f"{own}-{own}-manylinux_2_17_x86_64")
    world.add("own", "2.1", tags=f"{new}-{new}-manylinux_2_17_x86_64")
    folder = model({"own==2.0": "imported by the model"})
    lock_model(folder, pythons=[NEW])
    none = "{type: json, file: input.json}"
    (folder / "MLmodel").write_text(
        f"flavors:\n  modelenv: {{format: 1, version: '1', input: {none}, prediction: {none},"
        " deterministic: true, proof: {status: reproduces, where: here}}\n"
        f"  python_function: {{loader_module: own, data: model.pkl, python_version: '{OWN}'}}\n"
        "model_uuid: '0'\nutc_time_created: '2026-01-01'\n"
    )
    python, opened = Python.current(), ModelFolder.open(folder)
    for version, expected in ((None, "2.0"), (f"{NEW}.1", "2.1"), (NEWER, "2.0")):
        wanted = opened.wanted(python, python.installed(), version=version)
        assert wanted.contents.requirements == (f"own=={expected}",)
        assert bool(wanted.contents.notes) == (expected == "2.1")


def test_a_lock_for_one_says_that_the_one_before_was_for_several(
    model: Model, world: World
) -> None:
    folder = model({"beta==2.0": "imported by the model"})
    lock_model(folder, platforms=[WINDOWS], pythons=[NEW])
    beside = lock_model(folder, target=f"{NEW}-{MAC}")
    (note,) = lock_model(folder).notes
    assert note.endswith(
        f"modelenv lock -m {folder} --platform {WINDOWS} --python {NEW} makes one for all of them"
    )
    assert not (*beside.notes, *lock_model(folder).notes)
