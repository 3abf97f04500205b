"""An extra of modelenv is named only where it has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRA = re.compile(r"\bmodelenv\[([\w, -]+)\]")


def texts() -> Iterator[tuple[str, str]]:
    """Yield what people read: the packages' messages and docstrings, and the pages."""
    folders = [
        ROOT / name for name in ("modelenv", "tracer", "resolver", "envfiles", "docs", "examples")
    ]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    for file in [*files, *ROOT.glob("*.md"), ROOT / "pyproject.toml"]:
        if file.suffix in (".py", ".md", ".json", ".toml"):
            yield str(file.relative_to(ROOT)), file.read_text("utf-8")


def test_every_extra_that_is_named_exists() -> None:
    extras = PROJECT["optional-dependencies"]
    named = {
        (extra.strip(), file)
        for file, text in texts()
        for found in EXTRA.finditer(text)
        for extra in found[1].split(",")
    }
    assert ("uv", "modelenv/environments/errors.py") in named
    assert {(extra, file) for extra, file in named if extra not in extras} == set()
