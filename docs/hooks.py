"""Make the pages of the site that stand in no folder: its home, the reference of each package."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ("modelenv", "tracer", "resolver", "envfiles")


def on_files(files: Any, config: Any) -> Any:
    """Add the README as the home, and a page for each package."""
    from mkdocs.structure.files import File

    pages = {"index.md": home((ROOT / "README.md").read_text("utf-8"))}
    pages |= {f"reference/{package}.md": reference(package) for package in PACKAGES}
    for place, text in pages.items():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return a page in which what the site does not have is named, and no link."""
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]*\)", r"\1", markdown)


def home(readme: str) -> str:
    """Return the README as a page of the site.

    >>> home("[rules](docs/rules.md), [design](docs/design.md#words), [more](CONTRIBUTING.md)")
    '[rules](rules.md), [design](design.md#words), more'
    """
    inside = re.sub(r"\]\(docs/", "](", readme)
    return re.sub(r"\[([^\]]+)\]\((?:CONTRIBUTING|benchmarks)[^)]*\)", r"\1", inside)


def reference(package: str) -> str:
    """Return the page of a package: each of its published names, by its docstring."""
    names = sorted(importlib.import_module(package).__all__, key=str.lower)
    objects = (f"::: {package}.{name}\n" for name in names if not name.startswith("_"))
    return "\n".join([f"# {package}\n", *objects])
