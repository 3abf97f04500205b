"""One lock for several platforms and Pythons: what each of them installs from it."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.tags import parse_tag

from envfiles import (
    Entry,
    Lock,
    check_agreement,
    compare,
    lock_faults,
    locked_elsewhere,
    read_folder,
    read_side,
    read_toml,
)
from modelenv import lock_model, update_requirements
from modelenv.base.errors import WrongUseError
from modelenv.cli.edit import lock as command
from modelenv.fleet.tasks.pins import pinned_by
from modelenv.wheels.targets import parse_target
from resolver import AlikeTargetsError, ConflictError, Target

from ...small_worlds import PYTHON, Index, write_wheel

pylock = pytest.importorskip("packaging.pylock")
pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="what is the model's own platform is written here",
)

Model = Callable[..., Path]
Chosen = dict[str, tuple[str, str]]
PINS = {"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"}
OWN = ".".join(PYTHON.split(".")[:2])
NEW, NEWER = [each for each in ("3.12", "3.13", "3.14") if each != OWN][:2]
LINUX, MAC, WINDOWS = "linux_x86_64", "macosx_arm64", "win_amd64"
ON_LINUX, ON_MAC, ON_WINDOWS = (
    f"cp39-abi3-{tag}" for tag in ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64")
)


class World:
    """An index of wheels for platforms, which pip is configured with."""

    def __init__(self, index: Index, folder: Path) -> None:
        self.index = index
        self.folder = folder

    def add(self, name: str, version: str, *requires: str, tags: str = "py3-none-any") -> None:
        """Release a version with a wheel for each of some tags."""
        for tag in tags.split():
            inside = {f"{name}/tag.py": f"tag = {tag!r}"}
            made = write_wheel(self.folder, name, version, requires, modules=inside)
            file = made.rename(made.with_name(f"{name}-{version}-{tag}.whl"))
            self.index.add(file, "2026-01-02T03:04:05Z")


@pytest.fixture
def world(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": f"{index.url}/simple",
        "PIP_FIND_LINKS": "",
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    made = World(index, tmp_path / "served")
    made.add("alpha", "1.0", "beta>=1", 'delta; sys_platform == "win32"')
    made.add("beta", "2.0")
    made.add("delta", "3.0")
    return made


def installs(folder: Path, target: Target) -> Chosen:
    """Return what an installer takes from the lock on a target (PEP 751): versions and files."""
    read = pylock.Pylock.from_dict(read_toml((folder / "pylock.toml").read_text()))
    tags = [tag for text in target.wheel_tags() for tag in parse_tag(text)]
    chosen = read.select(environment=dict(target.markers), tags=tags)
    return {package.name: (str(package.version), file.name or "") for package, file in chosen}


def versions(folder: Path, target: str) -> dict[str, str]:
    return {name: version for name, (version, _) in installs(folder, parse_target(target)).items()}


def minor(python: str) -> int:
    return int(python.partition(".")[2])


def lock_of(folder: Path) -> Lock:
    found = read_folder(folder).lock
    assert found is not None
    return found


def test_each_target_gets_what_it_needs_and_the_folders_own_keeps_its_pins(
    model: Model, world: World
) -> None:
    folder = model(PINS)
    before = (folder / "requirements.txt").read_text()
    locking = lock_model(folder, platforms=[LINUX, MAC, WINDOWS], pythons=[NEW, NEWER])
    assert (folder / "requirements.txt").read_text() == before
    assert [each.name for each in locking.targets] == [
        f"{OWN}-{LINUX}",
        *(f"{python}-{each}" for each in (LINUX, MAC, WINDOWS) for python in (NEW, NEWER)),
    ]
    both = {"alpha": "1.0", "beta": "2.0"}
    for each in locking.targets:
        extra = {"delta": "3.0"} if WINDOWS in each.name else {}
        assert versions(folder, each.name) == {**both, **extra}
    check_agreement(folder)
    assert f"{NEW}-{WINDOWS}, {NEWER}-{WINDOWS}: 3 distributions, besides delta 3.0" in str(locking)
    (file,) = lock_of(folder).by_name["delta"].artifacts
    assert (file.uploaded, file.size) == (
        "2026-01-02T03:04:05Z",
        len(world.index.files["delta-3.0-py3-none-any.whl"]),
    )


def test_a_target_that_the_lock_is_not_for_gets_nothing(model: Model, world: World) -> None:
    folder = model(PINS)
    lock_model(folder, platforms=[WINDOWS], pythons=[NEW])
    assert lock_of(folder).requires_python == f">={min(OWN, NEW, key=minor)}"
    for target in (f"{NEWER}-{WINDOWS}", f"{NEW}-{LINUX}", f"{NEW}-win_arm64"):
        markers = parse_target(target).markers
        assert not lock_of(folder).admits(markers)
        with pytest.raises(pylock.PylockSelectError):
            versions(folder, target)


def test_only_what_cannot_be_had_moves_and_to_the_nearest_version(
    model: Model, world: World
) -> None:
    world.add("own", "1.5", tags=ON_WINDOWS)
    world.add("own", "2.0", "beta", tags=f"{ON_LINUX} {ON_MAC}")
    world.add("own", "2.1", "beta", tags=f"{ON_LINUX} {ON_WINDOWS}")
    world.add("own", "2.2", "beta", tags=ON_WINDOWS)
    world.add("own", "4.0", "beta", tags=ON_WINDOWS)
    folder = model({**PINS, "own==2.0": "imported by the model"})
    locking = lock_model(folder, platforms=[MAC, WINDOWS], pythons=[NEW])
    assert versions(folder, f"{NEW}-{MAC}")["own"] == "2.0"
    assert versions(folder, f"{NEW}-{WINDOWS}")["own"] == "2.1"
    assert "own 2.1 for 2.0; besides delta 3.0" in str(locking)
    assert "stands for" not in str(locking)  # nothing moved on macOS, and Windows has no age
    files = {file.file for each in lock_of(folder).packages for file in each.artifacts}
    assert not any("manylinux" in file for file in files if file.startswith("own-2.1"))


def test_what_moves_is_one_version_for_all_who_need_another(model: Model, world: World) -> None:
    world.add("own", "1.9", tags=f"{ON_LINUX} {ON_MAC} {ON_WINDOWS}")
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "2.1", tags=ON_WINDOWS)
    world.add("own", "2.2", tags=ON_MAC)
    world.add("own", "2.3", tags=f"{ON_MAC} {ON_WINDOWS}")
    folder = model({"own==2.0": "imported by the model"})
    locking = lock_model(folder, platforms=[LINUX, MAC, WINDOWS], pythons=[OWN, NEWER])
    assert {each.version for each in lock_of(folder).packages} == {"2.0", "2.3"}
    assert "macosx_arm64 stands for macosx_13_0_arm64: where all systems are newer" in str(locking)
    assert versions(folder, f"{NEWER}-{LINUX}") == {"own": "2.0"}


def test_the_bounds_of_the_users_lines_hold_elsewhere_too(model: Model, world: World) -> None:
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "1.4", tags=ON_WINDOWS)
    world.add("own", "2.5", tags=ON_WINDOWS)
    folder = model({"own==2.0": "asked for (own<2.5)"})
    lock_model(folder, platforms=[WINDOWS])
    assert versions(folder, f"{OWN}-{WINDOWS}") == {"own": "1.4"}
    strict = model({"own==2.0": "asked for (own==2.0)"}, name="strict")
    with pytest.raises(ConflictError, match=f"All that is for {OWN}-{WINDOWS}"):
        lock_model(strict, platforms=[WINDOWS])
    assert not (strict / "pylock.toml").exists()


def test_what_no_other_pin_leads_to_is_there_for_itself(model: Model, world: World) -> None:
    """Whatever its line says: it was proven with the rest."""
    world.add("lonely", "1.0")
    folder = model({**PINS, "lonely==1.0": "via alpha"})
    lock_model(folder, platforms=[MAC])
    assert versions(folder, f"{OWN}-{MAC}") == {"alpha": "1.0", "beta": "2.0", "lonely": "1.0"}


def test_what_a_model_does_without_is_left_out_elsewhere_too(model: Model, world: World) -> None:
    """`gamma` stands among what was left out in MLmodel."""
    world.add("own", "1.0", "gamma")
    folder = model({"own==1.0": "imported by the model"})
    lock_model(folder, platforms=[MAC])
    assert versions(folder, f"{OWN}-{MAC}") == {"own": "1.0"}


def test_platforms_that_markers_do_not_tell_apart_have_the_same_versions(
    model: Model, world: World
) -> None:
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "2.1", tags=f"{ON_LINUX} cp39-abi3-musllinux_1_2_x86_64")
    folder = model({"own==2.0": "imported by the model"})
    with pytest.raises(AlikeTargetsError, match="different versions of own"):
        lock_model(folder, platforms=["musllinux_1_2_x86_64"])
    lock_model(folder, platforms=[LINUX, "musllinux_1_2_x86_64"], pythons=[NEWER])
    assert versions(folder, f"{NEWER}-{LINUX}") == {"own": "2.1"}
    musl = installs(folder, parse_target(f"{NEWER}-musllinux_1_2_x86_64"))
    assert musl["own"][1].endswith("musllinux_1_2_x86_64.whl")


def test_an_audit_judges_what_the_folders_own_target_gets(model: Model, world: World) -> None:
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "1.0", tags=ON_WINDOWS)
    folder = model({"own==2.0": "imported by the model"})
    lock_model(folder, platforms=[WINDOWS])
    assert pinned_by(folder).result["versions"] == {"own": "2.0"}


def test_an_open_list_is_resolved_and_its_bounds_hold(model: Model, world: World) -> None:
    world.add("beta", "1.0")
    folder = model({"alpha": "", "beta<2": ""}, ours=False)
    locking = lock_model(folder, platforms=[WINDOWS], pythons=[NEWER])
    assert versions(folder, f"{NEWER}-{WINDOWS}") == {"alpha": "1.0", "beta": "1.0", "delta": "3.0"}
    assert locking.floating == ("alpha", "beta")


def test_with_hashes_the_lines_admit_the_files_of_every_target(model: Model, world: World) -> None:
    world.add("own", "1.0", tags=f"{ON_LINUX} {ON_MAC}")
    folder = model({"own==1.0": "imported by the model"})
    lock_model(folder, platforms=[MAC], hashes=True)
    (entry,) = read_folder(folder).requirements
    assert len(entry.hashes) == 2
    check_agreement(folder)


@pytest.fixture
def from_a_mac(model: Model, world: World) -> Path:
    """The folder of a model that was made on macOS; Linux has another version of what it needs."""
    world.add("own", "2.0", tags=ON_MAC)
    world.add("own", "2.1", "beta", tags=ON_LINUX)
    folder = model({"own[x]==2.0": "imported by the model"})
    markers = {"sys_platform": "darwin", "platform_machine": "arm64"}
    (folder / "trace.json").write_text(json.dumps({"markers": markers}))
    return folder


def test_a_model_of_another_platform_runs_with_what_its_lock_has_here(from_a_mac: Path) -> None:
    locking = lock_model(from_a_mac, platforms=[LINUX])
    assert [each.name for each in locking.targets] == [f"{OWN}-{MAC}", f"{OWN}-{LINUX}"]
    assert locking.targets[1].moved == (("own", "2.0", "2.1"),)
    lines, here = read_folder(from_a_mac).requirements, Target.current().markers
    found = locked_elsewhere(from_a_mac, lines, here)
    assert found is not None
    assert [each.requirement for each in found] == ["beta==2.0", "own[x]==2.1"]
    assert not any(each.hashes for each in found)
    assert not lock_faults(from_a_mac, here)  # what it has for the lines' own platform is theirs
    own = lock_of(from_a_mac).own_environment
    assert locked_elsewhere(from_a_mac, lines, own) is None
    assert locked_elsewhere(from_a_mac, [Entry("own==2.2")], here) is None  # out of date
    lock_model(from_a_mac, platforms=[LINUX], hashes=True)
    found = locked_elsewhere(from_a_mac, read_folder(from_a_mac).requirements, here)
    assert all(each.hashes for each in found or ())


def test_a_folder_is_compared_with_what_its_own_target_gets(model: Model, world: World) -> None:
    world.add("own", "2.0", tags=ON_LINUX)
    world.add("own", "1.0", tags=ON_WINDOWS)
    folder, other = model({"own==2.0": "x"}), model({"own==2.0": "x"}, name="other")
    for each, pythons in ((folder, [OWN]), (other, [NEW])):
        lock_model(each, platforms=[WINDOWS], pythons=pythons)
    lists, lock = read_side(folder / "requirements.txt"), read_side(folder / "pylock.toml")
    assert not compare(lists, lock)
    assert not compare(lock, read_side(folder))
    both = compare(lock, read_side(other / "pylock.toml"))
    assert not both  # markers that part the same versions alike
    moved = (other / "pylock.toml").read_text().replace('version = "1.0"', 'version = "1.1"')
    (other / "pylock.toml").write_text(moved.replace("own-1.0", "own-1.1"))
    assert "own [" in str(compare(lock, read_side(other / "pylock.toml")))


def test_an_edit_says_how_the_lock_is_made_anew(model: Model, world: World) -> None:
    folder = model(PINS)
    lock_model(folder, platforms=[LINUX, WINDOWS], pythons=[OWN, NEW])
    notes = update_requirements(folder, add=["delta"], prove=False).notes
    again = f"--platform {LINUX} --platform {WINDOWS} --python {NEW} --python {OWN}"
    assert any(f"modelenv lock -m {folder} {again}" in note for note in notes), notes
    assert not (folder / "pylock.toml").exists()


def test_where_a_file_cannot_be_had_nothing_is_written(model: Model, world: World) -> None:
    folder = model({**PINS, "away @ https://host.test/away-1.0.zip": "imported by the model"})
    locking = lock_model(folder, platforms=[MAC])
    assert locking.lock is None
    assert locking.targets == ()
    assert not (folder / "pylock.toml").exists()


@pytest.mark.parametrize(
    ("platforms", "pythons", "target", "said"),
    [
        (["solaris"], [], None, "solaris"),
        ([], ["2.7"], None, "2.7"),
        ([WINDOWS], [], "3.12", "not for both"),
        ([""], [], None, r"platforms\[0\]"),
    ],
)
def test_what_is_no_target_is_refused(
    model: Model,
    world: World,
    platforms: list[str],
    pythons: list[str],
    target: str | None,
    said: str,
) -> None:
    with pytest.raises(WrongUseError, match=said):
        lock_model(model(PINS), platforms=platforms, pythons=pythons, target=target)


def test_the_command_says_it_in_words_and_as_data(model: Model, world: World) -> None:
    pytest.importorskip("pip")
    asked = ["-m", str(model(PINS)), "--platform", WINDOWS, "--python", NEW, "--python", NEWER]
    said = CliRunner().invoke(command, asked)
    assert said.exit_code == 0, said.output
    assert f"{OWN}-{LINUX}: 2 distributions, the folder's own pins" in said.output
    assert "unproven but for" in said.output
    data = json.loads(CliRunner().invoke(command, [*asked, "--json"]).stdout)
    assert [each["besides"] for each in data["targets"]] == [[], ["delta 3.0"], ["delta 3.0"]]
