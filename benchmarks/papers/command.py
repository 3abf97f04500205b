"""Read what other tools wrote, or let them read what we write, and compare the meaning."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .paper import papers_in
from .reading import read

LEAST = 40
"""Documents that have to be read, either way."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments say, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks papers", description=__doc__)
    parser.add_argument("--in", dest="inward", type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    good = 0
    print("| document | tool | read | same |\n|---|---|---|---|")
    for folder, paper in papers_in(options.inward).items():
        reading = read(folder, paper)
        faults = reading.faults(paper)
        good += not faults
        cells = (f"{paper.name}/{paper.file}", paper.tool, "refused" if reading.refusal else f"{len(reading.asked)}", "; ".join(faults)[:300] or "yes")
        print(f"| {' | '.join(cells)} |")
    print(good)
    return 0 if good >= LEAST else 1
