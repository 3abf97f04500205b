"""Read what other tools wrote, or let other tools read what we write, and compare the meaning.

    python -m benchmarks.papers.make DIR           # documents of other tools, with their truth
    python -m benchmarks papers --in DIR           # read by us
    python -m benchmarks papers --out DIR          # ours, written into DIR, read by the tools

Fails where fewer than 40 documents are read, or where one is read as something else than its truth.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from modelenv.environments.builders.exports import ToolExport

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from .desk import Desk
from .ours import iter_ours
from .ours_read import read_by_all
from .paper import Row, papers_in
from .reading import read

LEAST = 40
"""Documents that have to be read, either way."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments say, and print it."""
    parser = parser_of("papers", __doc__)
    parser.add_argument("--in", dest="inward", type=Path, metavar="DIR", help="read these")
    parser.add_argument("--out", dest="outward", type=Path, metavar="DIR", help="write ours there")
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME", help="only of these"
    )
    parser.add_argument("--tools", type=Path, metavar="FOLDER", help="where their environments are")
    parser.add_argument("--uv", default="uv")
    options = parser.parse_args(arguments)
    if (options.inward is None) == (options.outward is None):
        parser.error("name either documents to read (--in) or a folder for ours (--out)")
    if options.inward is not None:
        return _told(options, list(rows_in(options.inward.absolute(), options.tools)))
    folder = options.outward.absolute()
    tools = (options.tools or folder / ".tools").absolute()
    desk = Desk(folder, tools, sys.executable, options.uv)
    return _told(options, list(rows_out(desk, options.model)))


def rows_in(folder: Path, tools: Path | None = None) -> Iterator[Row]:
    """Yield what we read of each document of other tools, of some by these `tools` themselves."""
    places = [str(each) for each in (tools or folder / ".tools").glob("*/bin")]
    path = os.pathsep.join([*places, os.environ.get("PATH", "")])
    export = ToolExport({**os.environ, "PATH": path, "PIP_CONFIG_FILE": os.devnull})
    for place, paper in papers_in(folder).items():
        reading = read(place, paper, export)
        is_read = not reading.refusal
        yield Row(
            f"{paper.name}/{paper.file}", paper.tool, is_read=is_read, faults=reading.faults(paper)
        )


def rows_out(desk: Desk, models: Sequence[str]) -> Iterator[Row]:
    """Yield what each tool reads of each document of ours."""
    for document in iter_ours(desk.papers, models):
        yield from read_by_all(desk, document)


def _told(options: argparse.Namespace, rows: Sequence[Row]) -> int:
    """Print a table of what came of it; return the exit code."""
    print("| document | tool | read | same |\n|---|---|---|---|")
    print("\n".join(map(str, rows)))
    good = {each.document for each in rows if each.is_read and not each.faults}
    named = sum(not each.is_read and not each.faults for each in rows)
    wrong = sum(bool(each.faults) for each in rows)
    print(f"\n{len(good)} documents read, {named} named as what they are, {wrong} readings wrong")
    which = "of other tools, read by modelenv" if options.inward else "of modelenv, read by others"
    figures = [
        Figure(f"documents {which}", len(good), "documents", least=LEAST),
        Figure(f"readings that are wrong, of documents {which}", wrong, "readings", most=0),
    ]
    return conclude(options, figures, good=all(each.holds for each in figures))
