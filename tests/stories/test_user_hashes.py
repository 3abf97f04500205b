"""The user's hashes stand on their pins, or are refused as pip refuses them."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import InvalidFile, read_folder
from modelenv.base.settings import Settings
from modelenv.edit.lock import lock_model
from modelenv.edit.requirements import update_requirements
from modelenv.environments.errors import BuildFailedError
from modelenv.environments.spec import Manager
from modelenv.pins.user_hashes import HashesMissingError, HashMismatchError
from resolver.errors import ContradictoryLinesError, RequirementsError

from .index_world import World, hash_of

ZEROS = "--hash=sha256:" + "0" * 64


@pytest.fixture
def world(index_world: World) -> World:
    return index_world


def given(layer: str, *lines: str) -> dict[str, Any]:
    """Hand lines over by one way in."""
    if layer != "conda_env":
        return {layer: list(lines)}
    python = f"python={platform.python_version()}"
    return {layer: {"dependencies": [python, "pip", {"pip": list(lines)}]}}


LAYERS = (*("pip_requirements", "extra_pip_requirements", "constraints", "overrides", "conda_env"),)


@pytest.mark.parametrize("layer", LAYERS)
def test_hashes_that_no_file_has_are_refused_with_what_was_found(world: World, layer: str) -> None:
    with pytest.raises(HashMismatchError) as caught:
        world.save(**given(layer, f"own==1.0 {ZEROS}"))
    told = str(caught.value)
    assert f"{layer}[0]: own==1.0" in told
    assert "expected sha256:" + "0" * 64 in told
    assert f"found    {world.hash('own')} for own-1.0-py3-none-any.whl (the index)" in told
    assert not (world.root / "out").exists()


@pytest.mark.parametrize("layer", LAYERS)
def test_hashes_that_a_file_has_stand_on_the_pin_and_all_others_get_theirs(
    world: World, layer: str
) -> None:
    other = "sha256:" + "7" * 64  # of a file for another platform, say
    account = world.save(**given(layer, f"{world.line('own')} --hash={other}"))
    assert account.verdict.good
    as_given = layer == "conda_env"
    assert any("conda.yaml is as it was given" in note for note in account.notes) == as_given
    assert world.hashes(agree=not as_given) == {
        "own": tuple(sorted((world.hash("own"), other))),
        "other": (world.hash("other"),),
    }
    assert "--require-hashes" in world.text()
    lock = read_folder(world.root / "out").lock
    assert lock is not None
    assert lock.by_name["own"].hashes == (world.hash("own"),)


# Refusals, as pip's


def test_zeros_are_refused_before_anything_is_proven_and_with_no_proof_too(world: World) -> None:
    for prove in (True, False):
        with pytest.raises(HashMismatchError):
            world.save(extra_pip_requirements=[f"other {ZEROS}"], prove=prove)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("own==1.0 --hash=sha256:abc", "no file has the hash sha256:abc"),
        ("own==1.0 --hash=sha256:" + "z" * 64, "no file has the hash"),
        (f"own @ git+https://host/own.git@{'0f' * 20} {ZEROS}", "a repository is no file"),
        (f"own @ file:///where/own {ZEROS}", "a folder is no file"),
    ],
)
def test_what_is_no_file_or_no_hash_is_refused_with_its_place(
    world: World, line: str, why: str
) -> None:
    with pytest.raises(RequirementsError) as caught:
        world.save(pip_requirements=[line])
    assert "pip_requirements[0]: " in str(caught.value)
    assert why in str(caught.value)


@pytest.mark.parametrize("algorithm", ["md5", "sha1"])
def test_an_algorithm_that_pip_refuses_is_refused(world: World, algorithm: str) -> None:
    with pytest.raises(InvalidFile, match="sha256:, sha384: or sha512:"):
        world.save(pip_requirements=[f"own==1.0 --hash={world.hash('own', algorithm)}"])


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_what_the_index_does_not_say_is_kept_and_told(world: World, algorithm: str) -> None:
    hashed = world.hash("own", algorithm)
    account = world.save(pip_requirements=[f"own==1.0 --hash={hashed}"])
    assert world.hashes() == {"own": (hashed,), "other": (world.hash("other"),)}
    assert any(f"no {algorithm} of its files is known" in note for note in account.notes)


def test_without_an_index_they_are_kept_and_it_is_told_that_they_were_not_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    account = world.save(pip_requirements=[f"own==1.0 {ZEROS}", f"other==1.0 {ZEROS}"])
    assert world.hashes() == dict.fromkeys(("own", "other"), (ZEROS.removeprefix("--hash="),))
    told = [note for note in account.notes if "were not checked" in note]
    assert len(told) == 2
    assert not (world.root / "out/pylock.toml").exists()


def test_an_index_that_does_not_answer_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    account = world.save(pip_requirements=[world.line("own"), world.line("other")])
    told = [note for note in account.notes if "were not checked" in note]
    assert len(told) == 2
    assert "127.0.0.1:9" in told[0]


@pytest.mark.parametrize("lines", [["--require-hashes"], ["own==1.0"], ["other"]])
def test_hashes_are_asked_for_on_every_line_or_the_save_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    if lines != ["--require-hashes"]:
        lines = [f"{lines[0]} {ZEROS}"]
    with pytest.raises(HashesMissingError) as caught:
        world.save(extra_pip_requirements=lines)
    missing = {"--require-hashes": ["other", "own"], "own": ["other"], "othe": ["own"]}
    names = [each.partition("==")[0] for each in caught.value.missing]
    assert names == next(n for start, n in missing.items() if lines[0].startswith(start))


def test_require_hashes_alone_is_fulfilled(world: World) -> None:
    world.save(extra_pip_requirements=["--require-hashes"])
    assert world.hashes() == {name: (world.hash(name),) for name in ("own", "other")}
    assert world.text().count("--require-hashes") == 1
    assert "--require-hashes" in world.text("conda.yaml")


def test_no_require_hashes_holds_those_that_are_said_and_writes_all_or_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HashMismatchError):
        world.save(extra_pip_requirements=["--no-require-hashes", f"own {ZEROS}"])
    account = world.save(extra_pip_requirements=["--no-require-hashes", world.line("own")])
    assert world.hashes() == {"own": (), "other": ()}
    assert any(note.startswith("no hash of own is written") for note in account.notes)
    assert any(note.startswith("--no-require-hashes is not") for note in account.notes)


# Several lines


def test_lines_narrow_each_other_and_the_order_does_not_matter(world: World) -> None:
    wide = f"{world.line('own')} --hash=sha256:{'1' * 64}"
    for lines in ([wide, world.line("own")], [world.line("own"), wide]):
        account = world.save(pip_requirements=lines, overwrite=True)
        assert account.environment.requirements[1].hashes == (world.hash("own"),)
        with pytest.raises(ContradictoryLinesError, match=r"pip_requirements\[1\]"):
            world.save(pip_requirements=[f"own {ZEROS}", *lines], overwrite=True)


def test_a_constraint_narrows_and_an_override_replaces(world: World) -> None:
    wide = f"{world.line('own')} --hash=sha256:{'1' * 64}"
    account = world.save(pip_requirements=[wide], constraints=[world.line("own")])
    assert account.environment.requirements[1].hashes == (world.hash("own"),)
    with pytest.raises(ContradictoryLinesError):
        world.save(pip_requirements=[world.line("own")], constraints=[f"own {ZEROS}"])
    over = {"overrides": [world.line("own")], "overwrite": True}
    account = world.save(pip_requirements=[f"own {ZEROS}"], **over)
    assert account.environment.requirements[1].hashes == (world.hash("own"),)
    over["overrides"] = ["own==1.0"]
    account = world.save(pip_requirements=[f"own {ZEROS}"], **over)
    assert account.environment.requirements[1].hashes == ()


def test_a_constraint_on_a_name_that_nothing_asks_for_is_told(world: World) -> None:
    account = world.save(constraints=[f"third==1.0 {ZEROS}"])
    assert world.hashes() == {"own": (), "other": ()}
    assert any(
        note.startswith("constraints[0]: third==1.0: its hashes have no effect")
        for note in account.notes
    )


def test_a_requirements_file_of_all_platforms_stays_as_it_is(world: World) -> None:
    others = " ".join(f"--hash=sha256:{digit * 64}" for digit in "2345")
    file = world.root / "all.txt"
    file.write_text(
        f"{world.line('own')} \\\n    {others}\n{world.line('other')} \\\n    {others}\n"
    )
    world.save(pip_requirements=str(file))
    assert all(len(hashes) == 5 for hashes in world.hashes().values())
    assert "--hash" not in world.text().partition("via ")[2].partition("\n")[0]


# What travels


def test_the_hash_of_a_wheel_that_travels_is_that_of_its_file(world: World) -> None:
    about = {"url": (world.root / "sources").as_uri(), "dir_info": {}}
    info = world.site.root / "own-1.0.dist-info"
    (info / "direct_url.json").write_text(json.dumps(about))
    with pytest.raises(HashMismatchError, match="the wheel that travels"):
        world.save(pip_requirements=[world.line("own")])
    world.save(extra_pip_requirements=["--require-hashes"])
    (wheel,) = (world.root / "out/wheels").iterdir()
    assert world.hashes() == {"own": (hash_of(wheel),), "other": (world.hash("other"),)}
    longer = hash_of(wheel, "sha512")  # of a file that is here any hash can be told
    account = world.save(pip_requirements=[f"own --hash={longer}"], overwrite=True)
    assert world.hashes() == {"own": (longer,), "other": (world.hash("other"),)}
    assert not any("not checked" in note for note in account.notes)


def test_a_folder_of_wheels_that_pip_knows_has_files_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = world.files["own"].parent
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    with pytest.raises(HashMismatchError) as caught:
        world.save(pip_requirements=[f"own {ZEROS}"])
    assert f"for own-1.0-py3-none-any.whl ({links.as_uri()})" in str(caught.value)
    world.save(pip_requirements=[world.line("own")])
    assert world.hashes() == {name: (world.hash(name),) for name in ("own", "other")}
    assert not (world.root / "out/pylock.toml").exists()


def test_a_commit_has_no_hash_where_they_are_asked_for(world: World) -> None:
    about = {"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "0f" * 20}}
    (world.site.root / "own-1.0.dist-info" / "direct_url.json").write_text(json.dumps(about))
    for said in (
        {"extra_pip_requirements": ["--require-hashes"]},
        {"constraints": [f"own {ZEROS}"]},
    ):
        with pytest.raises(HashesMissingError, match="a repository has no hash"):
            world.save(**said)


# A saved folder


class Saved:
    """A folder that was saved, and what edits make of it."""

    def __init__(self, world: World, **options: Any) -> None:
        world.save(**options)
        self.world, self.folder = world, world.root / "out"

    def edit(self, **change: Any) -> Any:
        return update_requirements(self.folder, **change)


def test_a_line_with_hashes_is_held_against_the_files_and_asks_for_all(world: World) -> None:
    saved = Saved(world)
    before = world.text()
    with pytest.raises(HashMismatchError, match=r"add\[0\]: own==1\.0"):
        saved.edit(add=[f"own==1.0 {ZEROS}"])
    assert world.text() == before
    edited = saved.edit(add=[world.line("own")])
    assert world.hashes() == {name: (world.hash(name),) for name in ("own", "other")}
    assert edited.standing["status"] == "reproduces"
    assert "--require-hashes" in world.text()


@pytest.mark.parametrize(
    "change",
    [
        {"constraints": ["own==1.0"]},
        {"replace_all": ["own==1.0"]},
        {"add": ["--require-hashes"]},
    ],
    ids=["constraints", "set", "option"],
)
def test_other_ways_to_say_it_do_the_same(world: World, change: dict[str, list[str]]) -> None:
    saved = Saved(world)
    if "add" not in change:
        for hashes in (ZEROS, f"--hash={world.hash('own')}"):
            said = {name: [f"{lines[0]} {hashes}"] for name, lines in change.items()}
            if hashes == ZEROS:
                with pytest.raises(HashMismatchError):
                    saved.edit(**said)
            else:
                saved.edit(**said)
    else:
        saved.edit(**change)
    assert world.hashes() == {name: (world.hash(name),) for name in ("own", "other")}


def test_a_folder_that_asks_for_hashes_gets_those_of_new_pins_or_stays(world: World) -> None:
    saved = Saved(world, extra_pip_requirements=["--require-hashes"])
    world.site.install("fourth")
    before = world.text()
    with pytest.raises(HashesMissingError, match=r"fourth==1\.0: no index was asked"):
        saved.edit(add=["fourth"], index="never")
    with pytest.raises(HashesMissingError, match=r"fourth==1\.0: no index and no folder has it"):
        saved.edit(add=["fourth"])
    assert world.text() == before
    third = world.publish("third")
    saved.edit(add=["third==1.0"])
    assert world.hashes() == {
        "third": (hash_of(third),),
        **{name: (world.hash(name),) for name in ("own", "other")},
    }
    saved.edit(remove=["third"])
    assert set(world.hashes()) == {"own", "other"}


def test_a_lock_holds_the_files_that_the_lines_admit(world: World) -> None:
    saved = Saved(world)
    wide = f"{world.line('own')} --hash=sha256:{'1' * 64}"
    saved.edit(add=[wide])
    for hashes in (False, True):
        locking = lock_model(saved.folder, hashes=hashes)
        assert locking.lock is not None
        assert locking.lock.by_name["own"].hashes == (world.hash("own"),)
        assert len(world.hashes()["own"]) == 2
    text = world.text().replace(world.hash("own"), "sha256:" + "2" * 64)
    (saved.folder / "requirements.txt").write_text(text)
    lock = (saved.folder / "pylock.toml").read_bytes()
    locking = lock_model(saved.folder)
    assert locking.lock is None
    assert any("no file has a hash that its line names" in each for each in locking.missing)
    assert (saved.folder / "pylock.toml").read_bytes() == lock


def test_an_open_list_cannot_ask_for_hashes_of_what_it_does_not_name(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "requirements.txt").write_text("own==1.0\n")
    (folder / "python_env.yaml").write_text(
        "python: 3.11.7\ndependencies:\n- -r requirements.txt\n"
    )
    with pytest.raises(HashesMissingError, match=r"other==1\.0: it is required, and has"):
        update_requirements(folder, add=[world.line("own")])
    update_requirements(folder, add=["other==1.0"])
    update_requirements(folder, add=[world.line("own")])
    hashed = {each.name: each.hashes for each in read_folder(folder).requirements}
    assert hashed == {name: (world.hash(name),) for name in ("own", "other")}


# Environments that are built


@pytest.fixture(params=[pytest.param("virtualenv", marks=pytest.mark.slow), "uv"])
def manager(request: pytest.FixtureRequest) -> Manager:
    if request.param == "uv" and Settings.from_environment().uv is None:
        pytest.skip("uv is not here")
    found: Manager = request.param
    return found


def test_an_installer_checks_the_hashes_of_a_folder(world: World, manager: Manager) -> None:
    saved = Saved(world, extra_pip_requirements=["--require-hashes"])
    assert modelenv.predict(saved.folder, env_manager=manager) == 1
    text = world.text().replace(world.hash("other"), "sha256:" + "0" * 64)
    (saved.folder / "requirements.txt").write_text(text)
    with pytest.raises(BuildFailedError, match=r"(?i)hash"):
        modelenv.predict(saved.folder, env_manager=manager)


def test_an_installer_checks_the_hashes_of_one_run(world: World, manager: Manager) -> None:
    saved = Saved(world)
    for line, fits in ((world.line("own"), True), (f"own {ZEROS}", False)):
        if fits:
            found = modelenv.predict(
                saved.folder, env_manager=manager, pip_requirements_override=[line]
            )
            assert found == 1
        else:
            with pytest.raises(HashMismatchError):
                modelenv.predict(
                    saved.folder, env_manager=manager, pip_requirements_override=[line]
                )
