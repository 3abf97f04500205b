"""Compare the tools on the cases: does what each captured run the model elsewhere?"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..results.command import conclude, parser_of
from .authors.case import Case, CaseError, UnknownCaseError, find_cases
from .authors.families import HIDDEN
from .authors.source import SourceError, prepare
from .judging.fresh import restore
from .judging.measure import Measurement, measure
from .judging.report import NoMarkersError, Report, check_markers, describe, insert_table
from .running.closure import NotInstalledError
from .running.environments import Builder, BuildError
from .running.options import add_builder_options, builder_of, exclusive
from .tools import TOOLS, UnknownToolError, find_tools
from .truth import prove_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .tools.tool import Tool

QUICK = (
    "extra_engine",
    "lazy_import",
    "namespace_google",
    "relative_package",
    "sklearn_plain",
    "thread_import",
)
"""Light cases of different families."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; return 0, 1 where a case could not be measured, 2 on wrong use."""
    given = _parser().parse_args(arguments)
    if given.uv is None:
        print("uv is not on PATH: name it by --uv", file=sys.stderr)
        return 2
    try:
        cases = find_cases(given.cases or (QUICK if given.quick else ()))
        tools = find_tools(given.tools)
        if given.table:
            check_markers(given.table)
    except (CaseError, UnknownCaseError, UnknownToolError, NoMarkersError) as error:
        print(error, file=sys.stderr)
        return 2
    builder = builder_of(given)
    if given.pins:
        python = ".".join(builder.python_version().split(".")[:2])
        cases = tuple(replace(case, python=python, pins=given.pins.resolve()) for case in cases)
    if given.truth and not _hold(cases, builder):
        return 1
    with exclusive(builder):
        restore(builder)
        measured, failures = _measure_each(cases, tools, builder)
    hidden = {case.name for case in cases if HIDDEN & set(case.families)}
    python = builder.python_version()
    report = Report(tuple(measured), tuple(tools), python, failures, hidden)
    print(report.totals(), *report.guesses(), sep="\n")
    if given.table:
        insert_table(given.table, report.to_markdown())
    figures = [*report.figures()]
    return conclude(given, figures, good=not failures, details=report.to_json())


def _hold(cases: Sequence[Case], builder: Builder) -> bool:
    truths, failures = prove_each(cases, builder)
    return all(truth.holds for truth in truths) and not failures


def _measure_each(
    cases: Iterable[Case], tools: Iterable[Tool], builder: Builder
) -> tuple[list[Measurement], dict[str, str]]:
    """Return the measurements, and why there are none of the other cases."""
    measured: list[Measurement] = []
    failures: dict[str, str] = {}
    for case in cases:
        try:
            source = prepare(case, builder)
            for tool in tools:
                measured.append(measure(source, tool, builder))
                print(describe(measured[-1]), flush=True)
        except (SourceError, BuildError, NotInstalledError) as error:
            failures[case.name] = str(error)
            print(f"{case.name}: not measured\n{error}", flush=True)
    return measured, failures


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("accuracy", __doc__)
    parser.add_argument("--quick", action="store_true", help="six light cases")
    parser.add_argument(
        "--pins",
        type=Path,
        metavar="FILE",
        help="versions for the Python that is named, in place of those that the cases name",
    )
    parser.add_argument("--cases", type=_names, default=[], metavar="A,B", help="default: all")
    parser.add_argument(
        "--tools", type=_names, default=[], metavar="A,B", help=f"of {', '.join(TOOLS)}"
    )
    parser.add_argument("--truth", action="store_true", help="prove the cases first")
    parser.add_argument(
        "--table", type=Path, metavar="FILE", help="write the tables between that file's markers"
    )
    add_builder_options(parser)
    return parser


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]
