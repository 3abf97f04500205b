"""The wheels of an environment: those that fit and are what the lock says, and harmless ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from modelenv.ship.errors import NoImageError
from modelenv.ship.oci.base.packages import CLibrary
from modelenv.ship.oci.base.python import BasePython
from modelenv.ship.oci.wheels import Fit, choose
from modelenv.wheels.locked_environment import LockedEnvironment

PYTHON = BasePython("/usr/bin/python3.11", "3.11", "3.11.2", "x86_64")
DEBIAN = Fit(PYTHON, CLibrary("glibc", 2, 36))


def wheel(folder: Path, name: str) -> Path:
    """Return a file that is called so; nobody looks into it yet."""
    file = folder / name
    file.write_bytes(name.encode())
    return file


def locked(*lines: str, wheels: list[Path], sources: tuple[str, ...] = ()) -> LockedEnvironment:
    return LockedEnvironment(name="model", lines=lines, wheels=tuple(wheels), sources=sources)


@pytest.mark.parametrize(
    ("fit", "chosen"),
    [
        (DEBIAN, "manylinux_2_28_x86_64"),
        (Fit(PYTHON, CLibrary("glibc", 2, 41)), "manylinux_2_39_x86_64"),
        (Fit(PYTHON, CLibrary("glibc", 2, 17)), "manylinux2014_x86_64"),
        (Fit(PYTHON, CLibrary("musl", 1, 2)), "musllinux_1_2_x86_64"),
        (Fit(BasePython("/p", "3.11", "3.11", "aarch64"), CLibrary("glibc", 2, 36)),
         "manylinux_2_28_aarch64"),
    ],
)  # fmt: skip
def test_the_best_wheel_that_fits_the_base_is_taken(tmp_path, fit, chosen):
    platforms = (
        "manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_39_x86_64",
        "musllinux_1_2_x86_64", "manylinux_2_28_aarch64", "macosx_14_0_arm64",
    )  # fmt: skip
    wheels = [wheel(tmp_path, f"a_b-1.0-cp311-cp311-{each}.whl") for each in platforms]
    wheels.append(wheel(tmp_path, "a_b-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"))
    (found,) = choose(locked("a-b==1", wheels=wheels), fit)
    assert found.name.endswith(f"cp311-{chosen}.whl")


def test_the_lines_decide_what_is_installed(tmp_path):
    names = ("A-1-py3-none-any.whl", "b-2+cu12-py3-none-any.whl", "c-1-py3-none-any.whl")
    wheels = [wheel(tmp_path, name) for name in names]
    digest = hashlib.sha256(names[0].encode()).hexdigest()
    environment = locked(
        f"a==1.0 --hash=sha256:{'0' * 64} --hash=sha256:{digest}", "B[x]==2+cu12", wheels=wheels
    )
    assert choose(environment, DEBIAN) == tuple(wheels[:2])


def test_all_that_is_lacking_is_named_at_once(tmp_path):
    wheels = [
        wheel(tmp_path, "old-1-cp311-cp311-manylinux_2_39_x86_64.whl"),
        wheel(tmp_path, "changed-1-py3-none-any.whl"),
    ]
    lines = ("old==1", f"changed==1 --hash=sha256:{'0' * 64}", "gone==1", "source==1")
    with pytest.raises(NoImageError) as refused:
        choose(locked(*lines, wheels=wheels, sources=("source",)), DEBIAN)
    said = str(refused.value)
    for part in (
        "for Python 3.11 with glibc 2.36 on x86_64",
        "old==1 has only old-1-cp311-cp311-manylinux_2_39_x86_64.whl",
        "changed==1: changed-1-py3-none-any.whl has none of the lock's hashes",
        "gone==1 has no file",
        "source==1 exists as a source distribution only",
    ):
        assert part in said


@pytest.mark.parametrize("name", ["a.whl", "a-1.whl", "a-x.y-py3-none-any.whl"])
def test_what_is_not_called_as_a_wheel_is_refused(tmp_path, name):
    with pytest.raises(NoImageError, match="its name is not that of a wheel"):
        choose(locked("a==1", wheels=[wheel(tmp_path, name)]), DEBIAN)
