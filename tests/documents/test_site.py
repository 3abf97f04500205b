"""The site of the documents: every page is in it, and it is built without a warning."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONFIG = (ROOT / "mkdocs.yml").read_text("utf-8")


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r"([\w/-]+\.md)$", CONFIG.partition("\nnav:")[2], re.MULTILINE))
    docs = ROOT / "docs"
    pages = {each.relative_to(docs).as_posix() for each in docs.rglob("*.md")}
    made = {"index.md", *(f"reference/{each}.md" for each in ("modelenv", "tracer", "resolver"))}
    assert named == pages | made | {"reference/envfiles.md", "reference/command.md"}


@pytest.mark.slow
def test_the_site_is_built_and_has_every_published_name(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = str(tmp_path / "env" / "bin" / "python")
    packages = ["mkdocs-material==9.8.2", "mkdocstrings[python]==1.0.8", "-e", str(ROOT)]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    command = [python, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", str(tmp_path / "site")]
    subprocess.run(command, cwd=ROOT, check=True)
    for package in ("modelenv", "tracer", "resolver", "envfiles"):
        page = (tmp_path / "site" / "reference" / package / "index.html").read_text("utf-8")
        names = importlib.import_module(package).__all__
        shown = set(re.findall(rf'id="{package}\.(\w+)"', page))
        assert {each for each in names if not each.startswith("_")} <= shown
    assert "wine_model" in (tmp_path / "site" / "index.html").read_text("utf-8")
