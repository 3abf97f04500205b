"""Write docs/results.md and its pictures from a file of results; nothing is measured.

python -m benchmarks page [--results FILE] [--docs FOLDER]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..figures import Found, bounded
from ..machine import is_busy
from ..record import Record, read
from . import tables
from .accuracy_picture import accuracy_picture, in_words
from .growth_picture import growth_picture

DOCS = Path("docs")
RESULTS = "results.json"
PICTURE = re.compile(r"!\[[^\]]*\]\(\w+/pictures/accuracy\.svg\)")
"""The line of the README that shows the picture."""
ACCURACY, GROWTH = "pictures/accuracy.svg", "pictures/growth.svg"


INTRODUCTION = """\
# Results

Written by `python -m benchmarks all --page` from [results.json](results.json);
[benchmarks](../benchmarks/README.md) says what each one does, and [What it costs](performance.md)
where time goes. Ratios are taken within a round of interleaved runs, and CPU time is that of all
processes of a command. The *floor* is a fresh interpreter that loads the model and predicts."""
ACCURACY_WORDS = """\
Each tool captures each model in the environment of its author; what it wrote is built elsewhere and
asked for the recorded prediction. Missing, superfluous and drifted are distributions, over all
models; [how, and case by case](../benchmarks/accuracy/README.md)."""
HIDDEN_WORDS = """\
The same of models that need what no import shows: data, a library, a program, metadata, start-up
code or an edit."""
QUICK = """\
Figures of a benchmark that is marked (quick) [below](#when-and-where) are of few rounds and small
sizes: they show that it runs, and are not to be quoted."""

BUSY = """\
Of a benchmark that ran while the machine was busy, at a load above its cores, CPU times and counts
can be trusted, wall times cannot: the load stands [there](#when-and-where) too."""


def main(arguments: Sequence[str]) -> int:
    """Write the page; return 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks page",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--results", type=Path, default=DOCS / RESULTS, metavar="FILE")
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="FOLDER")
    options = parser.parse_args(arguments)
    for file in write_page(options.results, options.docs):
        print(file)
    return 0


def write_page(results: Path, docs: Path = DOCS) -> list[Path]:
    """Write the page, its pictures and the words for one in the README; return the files."""
    record = read(results)
    texts = {"results.md": page(record), **pictures(record)}
    for name, text in texts.items():
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_text(text, "utf-8")
    files = [docs / name for name in texts]
    readme, accuracy = docs.parent / "README.md", record.of("accuracy")
    if accuracy and readme.is_file():
        text = readme.read_text("utf-8")
        readme.write_text(PICTURE.sub(lambda _: shown(accuracy, docs.name), text), "utf-8")
        files.append(readme)
    return files


def shown(accuracy: Found, folder: str) -> str:
    """Return the picture as the README shows it, with its numbers in words."""
    return f"![{in_words(accuracy)}]({folder}/{ACCURACY})"


def pictures(record: Record) -> dict[str, str]:
    """Return the pictures of what was measured, by their files."""
    found = {}
    if accuracy := record.of("accuracy"):
        found[ACCURACY] = accuracy_picture(accuracy)
    if growth := record.of("growth"):
        found[GROWTH] = growth_picture(growth)
    return found


def page(record: Record) -> str:
    """Return the page."""
    ordered = Record(list(tables.in_order(record)), record.left_out)
    return "\n\n".join(_sections(ordered)) + "\n"


def _sections(record: Record) -> Iterator[str]:
    yield INTRODUCTION
    if any(each.quick for each in record.found):
        yield QUICK
    if any(is_busy(each.machine) for each in record.found):
        yield BUSY
    if accuracy := record.of("accuracy"):
        yield "## Does it run elsewhere, with what is needed and nothing more?"
        yield f"![What six tools make of the same models]({ACCURACY})"
        one, *more = tables.tools(accuracy)
        yield ACCURACY_WORDS
        yield one
        if more:
            yield HIDDEN_WORDS
            yield from more
    held = [figure for each in record.found for figure in bounded(each.figures)]
    if held:
        yield "## What has a bound"
        count = sum(bool(each.holds) for each in held)
        yield f"{count} of {len(held)} hold; what does not is bold."
        yield tables.bounds(record)
    if growth := record.of("growth"):
        yield "## How it grows"
        yield f"![CPU seconds of each step, by size]({GROWTH})"
        yield "\n\n".join(tables.growth(growth))
    yield from _beside(record)
    if record.left_out:
        yield "## What was not measured"
        yield tables.left_out(record.left_out)
    yield "## When and where"
    yield tables.places(record)


def _beside(record: Record) -> Iterator[str]:
    """Yield what has no bound and stands in no other section."""
    rest = [
        each
        for each in record.found
        if each.benchmark not in {"accuracy", "growth"}
        and any(figure.holds is None for figure in each.figures)
    ]
    if rest:
        yield "## What stands beside others, or by itself"
        yield from map(tables.others, rest)
