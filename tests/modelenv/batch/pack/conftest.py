"""A model with one pin, whose wheel the tests make, and its pack."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import modelenv
from modelenv.base.indexes import Indexes
from modelenv.batch.pack.packing import PackedEnvironment

from ....small_worlds import write_wheel

MINOR = "{}.{}".format(*sys.version_info)
SITE = f"lib/python{MINOR}/site-packages"
TOOL = {
    "tool/cli.py": "import sys\ndef main(): print('tool of', sys.prefix)\n",
    "tool/tests/test_tool.py": "import tool\n",
    "tool-1.5.data/scripts/by-hand": "#!python\nimport tool; print(tool.version)\n",
    "tool-1.5.data/scripts/by-shell": "#!/bin/sh\necho shell\n",
    "tool-1.5.data/data/share/tool/data.txt": "data\n",
    "tool-1.5.dist-info/entry_points.txt": "[console_scripts]\ntool = tool.cli:main\n",
}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the one wheel lies."""
    folder = tmp_path_factory.mktemp("shelf")
    write_wheel(folder, "tool", "1.5", modules=TOOL)
    return folder


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> Path:
    """The folder of a model that writes texts in capitals, whose one pin is a tool."""
    folder = tmp_path_factory.mktemp("models") / "words"
    lines = ["--no-index", f"--find-links {shelf.as_uri()}", "tool==1.5"]
    modelenv.save_model(
        str.upper, folder, input_example="words", pip_requirements=lines, prove=False
    )
    return folder


@pytest.fixture(scope="session")
def packed(words: Path, shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> PackedEnvironment:
    """Its pack, in which it has predicted."""
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("cache"))
        file = tmp_path_factory.mktemp("packs") / "words.pack.tar.gz"
        return modelenv.pack_environment(words, file, indexes=of(shelf))


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    alone(monkeypatch, tmp_path / "cache")


def alone(patch: pytest.MonkeyPatch, cache: Path) -> None:
    """Let neither pip's configuration nor the user's cache be used."""
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        patch.delenv(name)
    patch.setenv("PIP_CONFIG_FILE", os.devnull)
    patch.setenv("MODELENV_CACHE_DIR", str(cache))


def of(shelf: Path) -> Indexes:
    """Return where the one wheel is found, and nothing else."""
    return Indexes(find_links=[str(shelf)])
