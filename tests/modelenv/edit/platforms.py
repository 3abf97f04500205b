"""Models that are locked for several targets, with an index of wheels for platforms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from packaging.tags import parse_tag

from envfiles import Lock, read_folder, read_toml
from modelenv.wheels.targets import parse_target
from resolver import Target

from ...small_worlds import PYTHON, Index, write_source, write_wheel

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

    def add_source(self, name: str, version: str) -> None:
        """Release the source of a version."""
        self.index.add(write_source(self.folder, name, version))


def installs(folder: Path, target: Target) -> Chosen:
    """Return what an installer takes from the lock on a target (PEP 751): versions and files."""
    from packaging import pylock

    read = pylock.Pylock.from_dict(read_toml((folder / "pylock.toml").read_text()))
    tags = [tag for text in target.wheel_tags() for tag in parse_tag(text)]
    there: Any = dict(target.markers)
    chosen: Iterable[Any] = read.select(environment=there, tags=tags)
    return {package.name: (str(package.version), file.name or "") for package, file in chosen}


def versions(folder: Path, target: str) -> dict[str, str]:
    return {name: version for name, (version, _) in installs(folder, parse_target(target)).items()}


def minor(python: str) -> int:
    return int(python.partition(".")[2])


def lock_of(folder: Path) -> Lock:
    found = read_folder(folder).lock
    assert found is not None
    return found
