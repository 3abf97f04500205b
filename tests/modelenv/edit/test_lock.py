from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from envfiles import Fingerprint, InvalidFile, check_agreement, read_folder
from modelenv import lock_model
from modelenv.base.errors import WrongUseError
from modelenv.cli.edit import lock as command
from modelenv.wheels.targets import parse_target
from resolver import Target
from resolver.index.session import Access
from resolver.sources.index import IndexSource
from resolver.sources.wheels import WheelFolder

pytest.importorskip("packaging.pylock")

Model = Callable[..., Path]
Snapshot = Callable[[Path], dict[str, bytes]]
PINS = {"alpha==1.0": "imported by the model", "beta==2.0": "via alpha"}


@pytest.fixture
def filled(wheels: Any) -> Any:
    wheels.add("alpha", "1.0", "beta>=1", 'gamma; sys_platform == "win32"')
    wheels.add("beta", "2.0")
    wheels.add("gamma", "3.0")
    return wheels


@pytest.fixture
def served(index: Any, filled: Any) -> list[IndexSource]:
    for file in filled.folder.iterdir():
        index.add(file)
    return [IndexSource(f"{index.url}/simple/", Target.current(), Access())]


def sha256(file: Path) -> str:
    return "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_lock_has_the_urls_sizes_and_hashes_of_the_index(
    model: Model, served: list[IndexSource], index: Any, filled: Any
) -> None:
    folder = model(PINS)
    locking = lock_model(folder, hashes=True, sources=served)
    spec = read_folder(folder)
    assert spec.lock is not None
    assert spec.lock == locking.lock
    (artifact,) = spec.lock.by_name["alpha"].artifacts
    file = filled.folder / "alpha-1.0-py3-none-any.whl"
    assert (artifact.url, artifact.size) == (f"{index.url}/files/{file.name}", file.stat().st_size)
    assert artifact.hashes == (sha256(file),)
    assert spec.lock.by_name["alpha"].reasons == ("imported by the model",)
    assert [entry.hashes for entry in spec.requirements] == [
        (sha256(filled.folder / f"{name}-py3-none-any.whl"),) for name in ("alpha-1.0", "beta-2.0")
    ]
    check_agreement(folder)


def test_without_hashes_requirements_txt_stays_as_it_is(
    model: Model, served: list[IndexSource]
) -> None:
    folder = model(PINS)
    before = (folder / "requirements.txt").read_text()
    lock_model(folder, sources=served)
    assert (folder / "requirements.txt").read_text() == before
    assert (folder / "pylock.toml").exists()


def test_what_is_on_this_machine_alone_is_bundled(model: Model, filled: Any) -> None:
    folder = model(PINS)
    lock_model(folder, hashes=True, sources=[WheelFolder(filled.folder, Target.current())])
    spec = read_folder(folder)
    assert spec.lock is not None
    assert [each.path for each in spec.lock.by_name["beta"].artifacts] == [
        "wheels/beta-2.0-py3-none-any.whl"
    ]
    assert spec.options == ("--find-links wheels",)
    assert len(list((folder / "wheels").iterdir())) == 2
    assert str(filled.folder) not in "".join(
        (folder / name).read_text() for name in ("pylock.toml", "requirements.txt", "conda.yaml")
    )


def test_a_file_without_a_hash_means_no_lock_at_all(
    model: Model, served: list[IndexSource], index: Any, snapshot: Snapshot
) -> None:
    index.says_hashes = False
    folder = model(PINS)
    before = snapshot(folder)
    locking = lock_model(folder, hashes=True, sources=served)
    assert locking.lock is None
    assert locking.missing == ("alpha 1.0, beta 2.0: the index states no hash for its files",)
    assert snapshot(folder) == before


@pytest.mark.parametrize(
    ("pins", "reason"),
    [
        ({"nobody==1.0": "x"}, "nobody 1.0: no index and no folder has it"),
        ({"own @ https://host/own.zip": "x"}, "neither a commit nor a hash"),
        ({"own @ git+https://host/own@main": "x"}, "neither a commit nor a hash"),
    ],
)
def test_what_cannot_be_locked_is_named(
    model: Model, served: list[IndexSource], pins: dict[str, str], reason: str
) -> None:
    locking = lock_model(model(pins), sources=served)
    assert locking.lock is None
    assert reason in str(locking)


def test_references_are_locked_by_their_commit_or_hash(
    model: Model, served: list[IndexSource]
) -> None:
    digest = "0f" * 32
    folder = model(
        {
            "own @ git+https://me:secret@host/own@1f2e3d4#subdirectory=x": "imported by the model",
            f"arch @ https://host/arch.zip#sha256={digest}": "imported by the model",
        }
    )
    lock = lock_model(folder, sources=served).lock
    assert lock is not None
    assert lock.by_name["own"].reference == "git+https://host/own@1f2e3d4#subdirectory=x"
    assert lock.by_name["arch"].archive == (f"sha256:{digest}",)
    assert "secret" not in (folder / "pylock.toml").read_text()


def test_a_reference_without_a_hash_leaves_requirements_txt_without_any(
    model: Model, served: list[IndexSource]
) -> None:
    folder = model({**PINS, "own @ git+https://host/own@1f2e3d4": "imported by the model"})
    locking = lock_model(folder, hashes=True, sources=served)
    assert locking.lock is not None
    assert "note: requirements.txt has no hashes: pip can check none for own" in str(locking)
    assert "--hash" not in (folder / "requirements.txt").read_text()


def test_another_target_is_resolved_and_locked_beside(
    model: Model, served: list[IndexSource], snapshot: Snapshot
) -> None:
    folder = model(PINS)
    before = snapshot(folder)
    locking = lock_model(folder, target="3.12-win_amd64", sources=served)
    assert locking.lock is not None
    assert [each.name for each in locking.lock.packages] == ["alpha", "beta", "gamma"]
    assert locking.lock.requires_python == "==3.12.*"
    after = snapshot(folder)
    assert after.keys() - before.keys() == {"pylock.py312-win_amd64.toml"}
    assert {name: after[name] for name in before} == before


def test_a_folder_of_top_level_lines_is_resolved_first(
    model: Model, served: list[IndexSource]
) -> None:
    folder = model({"alpha": ""}, ours=False)
    locking = lock_model(folder, hashes=True, sources=served)
    assert locking.lock is not None
    assert [each.name for each in locking.lock.packages] == ["alpha", "beta"]
    entries = read_folder(folder).requirements
    assert [each.requirement for each in entries] == ["alpha==1.0", "beta==2.0"]
    assert all(each.hashes for each in entries)  # pip refuses a file that has some
    check_agreement(folder)


def test_the_command_answers_no_where_it_cannot_lock(model: Model, filled: Any) -> None:
    pytest.importorskip("pip")
    run = CliRunner()
    folder = model(PINS)
    done = run.invoke(command, ["-m", str(folder), "--hashes", "--json"])
    assert done.exit_code == 0, done.output
    assert [each["name"] for each in json.loads(done.output)["packages"]] == ["alpha", "beta"]
    failed = run.invoke(command, ["-m", str(model({"nobody==1.0": "x"}, name="other"))])
    assert failed.exit_code == 1
    assert "nothing was written" in failed.output


class TestTargets:
    @pytest.mark.parametrize(
        ("text", "tag", "markers"),
        [
            ("3.12-win_amd64", "cp312-cp312-win_amd64", ("win32", "AMD64", "nt")),
            (
                "3.10.4-manylinux_2_28_x86_64",
                "cp310-cp310-manylinux2014_x86_64",
                ("linux", "x86_64", "posix"),
            ),
            (
                "3.13-macosx_14_0_arm64",
                "cp313-cp313-macosx_11_0_arm64",
                ("darwin", "arm64", "posix"),
            ),
            (
                "3.11-musllinux_1_2_aarch64",
                "cp311-cp311-musllinux_1_1_aarch64",
                ("linux", "aarch64", "posix"),
            ),
        ],
    )
    def test_a_word_names_a_python_on_a_platform(
        self, text: str, tag: str, markers: tuple[str, ...]
    ) -> None:
        target = parse_target(text)
        assert tag in target.wheel_tags()
        assert "py3-none-any" in target.wheel_tags()
        names = ("sys_platform", "platform_machine", "os_name")
        assert tuple(target.markers[name] for name in names) == markers
        assert target.python_version.startswith(text.partition("-")[0])

    def test_a_newer_libc_is_not_taken(self) -> None:
        tags = parse_target("3.11-manylinux_2_17_x86_64").wheel_tags()
        assert not any("2_28" in tag for tag in tags)

    @pytest.mark.parametrize("text", ["", "2.7", "3", "win_amd64", "3.11-", "3.11-solaris", "x"])
    def test_what_is_no_target_is_refused(self, text: str) -> None:
        with pytest.raises(WrongUseError, match="write"):
            parse_target(text)


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock"])
@pytest.mark.parametrize("content", [b'a = "\xed\xa0\x80"', b"[[", b"a = " + 300 * b"["])
def test_what_else_cannot_be_read_is_told_before_anything_is_written(
    model: Model, served: list[IndexSource], name: str, content: bytes
) -> None:
    """After it the folder would be another, and nobody could tell that we made it so."""
    folder = model(PINS)
    (folder / "uv.lock").write_text("version = 1\n")
    (folder / name).write_bytes(content)
    before, told = Fingerprint.of(folder), list[str]()
    with pytest.raises(InvalidFile, match=name):
        lock_model(folder, sources=served, report=told.append)
    assert Fingerprint.of(folder) == before
    assert not any("meanwhile" in line for line in told)
