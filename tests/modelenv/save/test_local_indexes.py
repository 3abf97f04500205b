"""Files that a save takes from a local index travel, and build without it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv import Indexes
from modelenv.base.settings import Settings

from ...small_worlds import write_wheel

UV = Settings.from_environment().uv


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An index on this disk, as PEP 503 has it, its files apart from its pages."""
    for name in [each for each in os.environ if each.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("MODELENV_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "index"
    for name, requires in (("sprout", ["twig"]), ("twig", [])):
        file = write_wheel(root / "files", name, "1.0", requires=requires)
        page = root / "simple" / name / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f'<a href="../../files/{file.name}">{file.name}</a>')
    return (root / "simple").as_uri()


@pytest.mark.parametrize("way", ["options", "lines", "file"])
def test_it_travels_with_what_it_leads_to(
    way: str, url: str, project: Any, target: Path, tmp_path: Path
) -> None:
    lines = [f"--index-url {url}", "sprout"]
    (tmp_path / "more.txt").write_text("".join(f"{line}\n" for line in lines))
    ways: dict[str, dict[str, Any]] = {
        "options": {"extra_pip_requirements": ["sprout"], "indexes": Indexes(index_url=url)},
        "lines": {"extra_pip_requirements": lines},
        "file": {"extra_pip_requirements": [f"-r {tmp_path / 'more.txt'}"]},
    }
    model = project.model("return [each + 1 for each in data]")
    modelenv.save_model(model, target, input_example=[1, 2], prove=False, **ways[way])
    names = sorted(path.name for path in (target / "wheels").iterdir())
    assert names == ["sprout-1.0-py3-none-any.whl", "twig-1.0-py3-none-any.whl"]
    assert "file:" not in (target / "requirements.txt").read_text()
    if UV is not None:
        shutil.rmtree(tmp_path / "index")
        assert modelenv.predict(target, env_manager="uv") == [2, 3]
