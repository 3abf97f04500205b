"""Write the documents: ``python -m benchmarks.papers.make FOLDER [--only NAME …]``.

Each is written by the tool that it is of, in an environment of its pinned version, and its truth is
had from that tool: what it installs, or what it says is asked for. A document that stands in FOLDER
already is left. Needs `uv`, bash, git and an index.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from . import writers
from .desk import Desk, NotWrittenError
from .paper import papers_in
from .written import Tool, Written


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.papers.make", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="or a prefix of it"
    )
    parser.add_argument(
        "--tools", type=Path, metavar="FOLDER", help="where their environments are kept"
    )
    parser.add_argument("--python", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--uv", default="uv")
    options = parser.parse_args(arguments)
    folder = options.folder.absolute()
    tools = (options.tools or folder / ".tools").absolute()
    desk = Desk(folder, tools, options.python, options.uv)
    failed = 0
    for tool, document in iter_documents():
        if options.only and not document.name.startswith(tuple(options.only)):
            continue
        if (folder / document.name / "paper.json").exists():
            continue
        try:
            paper = desk.written(tool, document)
        except NotWrittenError as error:
            failed += 1
            print(f"{document.name}: {error}", file=sys.stderr, flush=True)
        else:
            print(f"{paper.name}: {paper.tool}, {len(paper.pins)} pins", flush=True)
    (folder / "README.md").write_text(_index(folder), "utf-8")
    return 1 if failed else 0


def iter_documents() -> Iterator[tuple[Tool, Written]]:
    """Yield every document of every tool."""
    for module in iter_modules(writers.__path__):
        of = import_module(f"{writers.__name__}.{module.name}")
        for document in of.PAPERS:
            yield of.TOOL, document


def _index(folder: Path) -> str:
    """Return what was written, as a table, with the truth of each."""
    lines = [
        "Documents as other tools wrote them, a folder each; `paper.json` says more. The truth is",
        "what the tool installs of it on Linux, x86-64, under that Python; or what it says is",
        "asked for; or a word of the sentence that names such a file.", "",
        "| document | tool | Python | groups, extras | command | truth |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for place, paper in papers_in(folder).items():
        pins = [
            name + (f" {at}" if at.startswith("@") else f"=={at}")
            for name, at in paper.pins.items()
        ]
        truth = f"refused: {paper.refusal}" if paper.refusal else ", ".join([*pins, *paper.asked])
        cells = (
            f"{paper.name}/{paper.file}", paper.tool, paper.python,
            " ".join([*paper.groups, *(f"[{extra}]" for extra in paper.extras)]),
            f"`{paper.command}`".replace("|", "\\|"),
            truth.replace(str(place), "HERE").replace("|", "\\|"),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
