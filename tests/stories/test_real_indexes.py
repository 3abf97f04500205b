"""Source-only releases of the configured index, in seconds and few lines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modelenv import Indexes, update_requirements
from resolver import UnbuiltError

pytestmark = pytest.mark.slow

Model = Callable[..., Path]


@pytest.fixture
def folder(
    model: Model,
    installed_site: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Path:
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    installed_site("alpha", "1.0")
    return model({"alpha==1.0": "imported by the model"})


@pytest.mark.parametrize(
    ("line", "culprit"),
    [
        ("pyspark", "pyspark"),
        ("docopt", "docopt"),
        ("odfpy>=1.4", "odfpy"),
        ("pandas[excel]", "odfpy"),
    ],
)
def test_a_source_only_name_is_named_with_the_ways_out(
    folder: Path, line: str, culprit: str
) -> None:
    with pytest.raises(UnbuiltError) as caught:
        update_requirements(folder, add=[line])
    assert caught.value.names == (culprit,)
    assert len(str(caught.value).splitlines()) == 5


@pytest.mark.parametrize("line", ["docopt", "docopt<0.6", "odfpy>=1.4"])
def test_it_is_built_and_the_folder_installs_where_there_is_no_index(
    folder: Path, line: str, tmp_path: Path
) -> None:
    pytest.importorskip("build")
    update_requirements(folder, add=[line], indexes=Indexes(build=True))
    (wheel,) = (each for each in (folder / "wheels").iterdir() if each.name.startswith(line[:5]))
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(tmp_path / "there"), str(wheel)], check=True)
    assert any((tmp_path / "there").iterdir())
