"""The blocks of each page, run in order in one folder, do what the page says."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from .given import Shelf
from .pages import PAGES, Block, blocks, given
from .running import read_page, reader

ALL = {page: blocks(page) for page in PAGES}
# The pages whose blocks take no more than seconds; the others' run with the slow tests.
QUICK = {"docs/library.md", "docs/tracer.md"}
# The pages that need a world of their own: test_how_to.py and test_spark_page.py make it.
APART = {f"docs/how-to/{name}.md" for name in ("private-index", "behind-a-proxy", "spark")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def marked(page: str) -> object:
    marks = [] if page in QUICK else [pytest.mark.slow]
    return pytest.param(page, marks=marks)


def test_the_examples_of_the_rules_run(variables: Mapping[str, str], tmp_path: Path) -> None:
    rules = [block for block in ALL["docs/rules.md"] if ">>> " in block.text]
    with reader(tmp_path / "me", variables) as here:
        assert read_page(rules, here) > 10


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")
@pytest.mark.parametrize(
    "page", [marked(page) for page in PAGES if ALL[page] and page not in APART]
)
def test_a_page_does_what_it_says(
    page: str, shelf: Shelf, variables: Mapping[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("sklearn")
    if any(block.language == "ipython" for block in ALL[page]):
        pytest.importorskip("IPython")
    folder = tmp_path / "me"
    code = shelf.place(given(page), folder)
    port = free_port()
    (tmp_path / "modelenv.toml").write_text(f"[serve]\nport = {port}\n")
    moved = [replace(each, text=each.text.replace(":5000", f":{port}")) for each in ALL[page]]
    with reader(folder, variables) as here:
        if code:
            here.run(Block(page, 0, "python", code, {}))
        read_page(moved, here)
