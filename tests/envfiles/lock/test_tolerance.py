"""A lock that some installers take and others refuse is read, and what is odd in it is told."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envfiles import InvalidFile, dump_toml, read_pylock, write_pylock
from envfiles.lock.tolerance import is_variant

from ...small_worlds import write_wheel

pytest.importorskip("packaging.pylock")

PLAIN, VARIANT = "a-1-py3-none-any.whl", "a-1-py3-none-any-cu126.whl"
SHA = {"sha256": "0f" * 32}


def wheel(file: str = PLAIN, **hashes: str) -> dict[str, Any]:
    return {"name": file, "url": f"https://host/{file}", "hashes": hashes or SHA}


def lock(*wheels: dict[str, Any], name: str = "a", version: str = "1.0", **further: Any) -> str:
    package = {"name": name, "version": "1", "wheels": [*wheels], **further}
    return dump_toml({"lock-version": version, "created-by": "hand", "packages": [package]})


WEAK = "not locked by hashes, as no line of requirements can have {}: a"


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        (lock(wheel()), []),
        (lock(wheel(sha512="0f" * 64)), []),
        (lock(wheel(), version="1.1"), ["lock-version is 1.1: what it has beyond 1.0 is not read"]),
        (
            lock(wheel(), name="A"),
            ["the name 'A' is not normalised: uv takes it, pip refuses the lock"],
        ),
        (
            lock(wheel(), wheel(VARIANT)),
            [
                f"{VARIANT} is the wheel of a variant and is passed over, as by uv; pip refuses"
                " the lock"
            ],
        ),
        (lock(wheel(md5="00")), [WEAK.format("md5")]),
        (lock(wheel(sha1="00", md5="00")), [WEAK.format("md5 or sha1")]),
        (
            lock(wheel(blake2b="00" * 32)),
            [
                WEAK.format("blake2b"),
                "blake2b of 256 bits alone: uv checks it, pip refuses the file: a",
            ],
        ),
        (
            lock(wheel(blake2b="00" * 64)),
            [
                WEAK.format("blake2b"),
                "blake2b of 512 bits: pip checks it, uv cannot read the lock",
            ],
        ),
        (
            lock(wheel(md5="00", **SHA)),
            [
                "md5 beside a strong hash, and pip and uv take a file of which either is right: a",
            ],
        ),
    ],
)
def test_what_not_all_installers_take_is_told(text: str, remarks: list[str]) -> None:
    found = read_pylock(text)
    assert [*found.remarks] == remarks
    assert [(each.name, each.version) for each in found.packages] == [("a", "1")]
    assert [file.file for each in found.packages for file in each.artifacts] == [PLAIN]
    assert read_pylock(write_pylock(found)) == found


def test_a_pin_of_which_one_file_is_weak_has_no_hashes() -> None:
    other = "a-1-cp311-cp311-win_amd64.whl"
    found = read_pylock(lock(wheel(), wheel(other, md5="00")))
    assert found.is_weak
    assert found.packages[0].hashes == ()
    assert found.packages[0].other_hashes == ("md5:00",)


def test_an_archive_may_be_weak_too() -> None:
    archive = {"url": "https://host/a.zip", "hashes": {"md5": "00"}}
    text = dump_toml(
        {
            "lock-version": "1.0",
            "created-by": "hand",
            "packages": [{"name": "a", "archive": archive}],
        }
    )
    found = read_pylock(text)
    assert (found.is_weak, found.packages[0].archive) == (True, ())
    assert read_pylock(write_pylock(found)) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lock(wheel(), version="2.0"), "2.0"),
        (
            lock(wheel(VARIANT)),
            f"a has no file but wheels of variants, which no installer .*: {VARIANT}",
        ),
        (lock(wheel("b-1-py3-none-any.whl")), "not consistent"),
        (lock(wheel(), name=""), "name"),
        (lock(wheel("a-one-py3-none-any.whl")), "wheel"),
        ("lock-version = '1.0'\ncreated-by = 'x'\npackages = [1]", "packages"),
        ("lock-version = 1.1\ncreated-by = 'x'\npackages = []", "lock-version"),
        (lock(1), "wheels"),  # type: ignore[arg-type]
    ],
)
def test_what_nobody_takes_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        read_pylock(text, file="pylock.toml")


@pytest.mark.parametrize(
    ("file", "variant"),
    [
        (VARIANT, True),
        ("a-1-2-py3-none-any-cu126.whl", True),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64-x86_64_v3.whl", True),
        (PLAIN, False),
        ("a-1-2-py3-none-any.whl", False),
        ("a-1-py3-none.whl", False),
        ("a-1.tar.gz", False),
        ("", False),
    ],
)
def test_the_wheel_of_a_variant_is_known_by_its_label(file: str, variant: bool) -> None:
    assert is_variant(file) is variant


def digests(file: Path, **sizes: int) -> dict[str, str]:
    content = file.read_bytes()
    found = {kind: hashlib.new(kind, content).hexdigest() for kind in ("md5", "sha256")}
    blake = {
        f"blake{bits}": hashlib.blake2b(content, digest_size=bits // 8).hexdigest()
        for bits in sizes.values()
    }
    return {**found, **blake}


@pytest.mark.slow
def test_pip_and_uv_take_what_the_remarks_say(tmp_path: Path, uv: str) -> None:
    file = write_wheel(tmp_path / "wheels", "a", "1")
    (tmp_path / "wheels" / VARIANT).write_bytes(file.read_bytes())
    known = digests(file, one=256, two=512)
    wrong = "00" * 32

    def taken(case: str, wheels: list[dict[str, Any]], **further: Any) -> tuple[bool, bool]:
        folder = tmp_path / case.replace(" ", "_")
        folder.mkdir()
        place = folder / "pylock.toml"
        place.write_text(lock(*wheels, **further))
        common = ["--python", sys.executable, "--target"]
        by_uv = [
            uv,
            "pip",
            "install",
            "-q",
            "--no-cache",
            "--no-config",
            *common,
            str(folder / "u"),
        ]
        by_pip = [sys.executable, "-m", "pip", "--isolated", "install", "-q", "--target"]
        commands = [*by_uv, "-r", str(place)], [*by_pip, str(folder / "p"), "-r", str(place)]
        ended = [subprocess.run(each, capture_output=True, check=False) for each in commands]
        return ended[0].returncode == 0, ended[1].returncode == 0

    def here(file: str = file.name, **hashes: str) -> dict[str, Any]:
        return {"name": file, "path": f"../wheels/{file}", "hashes": hashes}

    sha, md5 = known["sha256"], known["md5"]
    seen = {
        "plain": taken("plain", [here(sha256=sha)]),
        "wrong": taken("wrong", [here(sha256=wrong)]),
        "md5": taken("md5", [here(md5=md5)]),
        "blake 256": taken("blake 256", [here(blake2b=known["blake256"])]),
        "blake 512": taken("blake 512", [here(blake2b=known["blake512"])]),
        "name": taken("name", [here(sha256=sha)], name="A"),
        "later": taken("later", [here(sha256=sha)], version="1.1"),
        "variant": taken("variant", [here(sha256=sha), here(VARIANT, sha256=sha)]),
        "variant alone": taken("variant alone", [here(VARIANT, sha256=sha)]),
    }
    assert seen == {
        "plain": (True, True),
        "wrong": (False, False),
        "md5": (True, True),
        "blake 256": (True, False),
        "blake 512": (False, True),
        "name": (True, False),
        "later": (True, True),
        "variant": (True, False),
        "variant alone": (False, False),
    }, json.dumps(seen)
