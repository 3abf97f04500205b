"""Run the examples of the gallery as their reader does, and write what was found into its page.

    python -m benchmarks.accuracy.gallery                       # print what was found
    python -m benchmarks.accuracy.gallery --page docs/gallery.md \\
        --mlflow mlflow==3.17.2 --mlflow mlflow==3.18.0

Each is run in an environment of what its script says that it needs, as of the day it names; its
folder is verified in an environment built anew. Ends with 1 where one is not reproduced.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..running.environments import BuildError
from ..running.options import add_builder_options, builder_of, exclusive
from .example import Example, find_examples
from .making import ExampleError, Workshop, make, open_workshop
from .page import told, write_page
from .peer import Listed, list_by_mlflow


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments say, and print it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy.gallery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("examples", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--page", type=Path, help="write what was found into this page")
    parser.add_argument(
        "--mlflow",
        action="append",
        default=[],
        metavar="REQUIREMENT",
        help="save them by this MLflow too, mlflow==3.17.2 say; may be given several times",
    )
    parser.add_argument("--find-links", metavar="PLACE", help="for uv, as its option")
    parser.add_argument("--constraints", metavar="FILE", type=Path, help="for uv, as its option")
    add_builder_options(parser)
    given = parser.parse_args(arguments)
    found = find_examples(tuple(given.examples))
    builder = builder_of(given)
    failed = 0
    with exclusive(builder), open_workshop(builder, _options(given)) as workshop:
        for example in found:
            try:
                with TemporaryDirectory(prefix=f"modelenv-{example.name}-") as folder:
                    made = make(example, workshop, Path(folder))
                listed = [_listed(example, workshop, each) for each in given.mlflow]
            except (ExampleError, BuildError) as error:
                failed += 1
                print(f"\n{example.name} fails: {error}", file=sys.stderr, flush=True)
            else:
                print(f"\n{told(made, listed)}", flush=True)
                if given.page:
                    write_page(given.page, {example.name: made}, {example.name: listed})
    return 1 if failed else 0


def _options(given: argparse.Namespace) -> tuple[str, ...]:
    options = {"--find-links": given.find_links, "--constraints": given.constraints}
    return tuple(text for name, value in options.items() if value for text in (name, str(value)))


def _listed(example: Example, workshop: Workshop, mlflow: str) -> Listed:
    with TemporaryDirectory(prefix=f"modelenv-{example.name}-mlflow-") as folder:
        return list_by_mlflow(example, workshop, mlflow, Path(folder))
