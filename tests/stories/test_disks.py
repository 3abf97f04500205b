"""A disk that is full, or only for reading, is told as that: the place, what failed, a way out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv

HOME = Path(modelenv.__file__).parent.parent
TRAIN = """
class Model:
    def __init__(self):
        self.held = bytes(1_500_000)
    def predict(self, data):
        return [each + 1 for each in data]
def build():
    return Model(), [1, 2]
"""


def can_mount() -> bool:
    """Tell whether a process may have mounts of its own."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


mounting = pytest.mark.skipif(not can_mount(), reason="no mounts without rights")


class Place:
    """A project, and a folder that another file system can be mounted on."""

    def __init__(self, root: Path) -> None:
        self.project, self.small, self.mounted = root / "project", root / "small", ""
        temporary = root / "own_temporary"
        self.variables = {"TMPDIR": str(temporary)}
        for folder in (self.project, temporary):
            folder.mkdir()
        self.small.mkdir()
        (self.project / "train.py").write_text(TRAIN)

    def run(self, *words: str | Path, before: str = "") -> tuple[int, str]:
        """Run the command with what is to be mounted; return its exit code and its errors."""
        command = [sys.executable, "-m", "modelenv", *map(str, words)]
        script = f'{self.mounted}\n{before}\nexec "$@"'
        shell = ["sh", "-ec", script, "sh", *command]
        if self.mounted:
            shell = ["unshare", "-rm", *shell]
        environment = {**os.environ, "PYTHONPATH": str(HOME), **self.variables}
        done = subprocess.run(
            shell, cwd=self.project, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    def save(self, output: Path, before: str = "") -> tuple[int, str]:
        return self.run("save", "train:build", "-o", output, "--seal", "off", before=before)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def is_told(said: tuple[int, str], place: Path, why: str, way: str) -> None:
    code, text = said
    assert code == 2, text
    assert str(place) in text
    assert why in text
    assert way in text
    assert "generators" not in text
    assert "Traceback" not in text


@mounting
def test_a_disk_that_is_full(place: Place) -> None:
    place.mounted = f"mount -t tmpfs -o size=1m none {place.small}"
    is_told(place.save(place.small / "out"), place.small, "No space left", "free some space")


@mounting
def test_a_disk_that_is_too_small_for_an_artifact(place: Place) -> None:
    (place.project / "weights.bin").write_bytes(b"w" * 9_000_000)
    place.mounted = f"mount -t tmpfs -o size=8m none {place.small}"
    words = ("-o", place.small / "out", "--artifact", "big=weights.bin")
    said = place.run("save", "train:build", *words)
    is_told(said, place.small / "out" / "artifacts/big/weights.bin", "No space left", "free some")


@mounting
def test_a_disk_for_temporary_files_that_is_full(place: Place) -> None:
    place.mounted = f"mount -t tmpfs -o size=1m none {place.small}"
    place.variables = {"TMPDIR": str(place.small)}
    fill = f"head -c 1040000 /dev/zero > {place.small}/filled"
    code, said = place.save(place.project / "out", fill)
    assert code != 0
    assert "No space left on device" in said
    assert "generators" not in said


@mounting
def test_a_disk_that_is_for_reading_alone(place: Place) -> None:
    place.mounted = f"mount -t tmpfs -o ro none {place.small}"
    is_told(place.save(place.small / "out"), place.small, "Read-only", "for reading alone")


@mounting
def test_a_disk_that_cannot_hold_an_edit(place: Place) -> None:
    code, said = place.save(place.project / "out")
    assert code == 0, said
    place.mounted = (
        f"mount -t tmpfs -o size=3m none {place.small} && cp -r out {place.small}/out;"
        f"head -c 3000000 /dev/zero > {place.small}/filled || true"
    )
    edit = ("requirements", "add", "-m", place.small / "out", "idna", "--no-index")
    is_told(place.run(*edit), place.small / "out", "No space left", "free some space")


def test_a_limit_on_the_size_of_a_file(place: Place) -> None:
    said = place.save(place.project / "out", "ulimit -f 1000")
    is_told(said, place.project.parent, "File too large", "ulimit -f")


def test_a_name_that_is_too_long(place: Place) -> None:
    is_told(place.save(place.project / ("o" * 300)), place.project, "too long", "a shorter one")


@pytest.mark.skipif(sys.platform != "linux", reason="no such device")
def test_a_device_that_is_always_full(place: Place) -> None:
    code, said = place.run("inspect", place.project, "--json", before="exec > /dev/full")
    assert code in (2, 3)
    assert "No space left" in said
