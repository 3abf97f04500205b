"""A model of two distributions that are installed here, and that an index has too."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

import modelenv
from envfiles import check_agreement, read_folder

from ..modelenv.conftest import Project, Site
from ..small_worlds import Index, write_wheel


class World:
    """A model that imports `own`, which needs `other`: both installed here, and on an index."""

    def __init__(self, root: Path, site: Site, index: Index) -> None:
        self.root, self.site, self.index = root, site, index
        self.files: dict[str, Path] = {}
        self.model: Any = None

    def publish(self, name: str, version: str = "1.0", *needs: str) -> Path:
        file = write_wheel(self.root / "made", name, version, needs)
        self.index.add(file)
        return file

    def install(self, name: str, *needs: str) -> None:
        self.files[name] = self.publish(name, "1.0", *needs)
        text = "".join(f"import {need}\n" for need in needs)
        self.site.install(name, {f"{name}.py": text}, requires=needs)

    def hash(self, name: str, algorithm: str = "sha256") -> str:
        return hash_of(self.files[name], algorithm)

    def line(self, name: str) -> str:
        return f"{name}==1.0 --hash={self.hash(name)}"

    def save(self, **options: Any) -> Any:
        return modelenv.save_model(self.model, self.root / "out", input_example=1, **options)

    def hashes(self, *, agree: bool = True) -> dict[str, tuple[str, ...]]:
        if agree:
            check_agreement(self.root / "out")
        return {each.name: each.hashes for each in read_folder(self.root / "out").requirements}

    def text(self, file: str = "requirements.txt") -> str:
        return (self.root / "out" / file).read_text()


def hash_of(file: Path, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, file.read_bytes()).hexdigest()}"


@pytest.fixture
def index_world(
    tmp_path: Path,
    own_site: Site,
    project: Project,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    made = World(tmp_path, own_site, index)
    made.install("own", "other")
    made.install("other")
    made.model = project.model("import own\nreturn data")
    return made
