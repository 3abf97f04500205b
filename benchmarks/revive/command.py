"""Run each old model the three ways, and hold the account of `modelenv revive` against the truth.

    python -m benchmarks.revive.make FOLDER
    python -m benchmarks revive --worlds FOLDER --mlflow PYTHON [--uv UV] [--python 3.8=PATH …]

PYTHON is an interpreter that has MLflow 3, and uv beside it. A model counts as run where it gives
the prediction of then; as revived only if besides each stated pin is kept or told as changed, each
rule that has to be told is, and the files of the new folder agree. Fails where fewer than 17 of 20
are revived, or the same share of those that are there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from .old_model import OldModel, old_models
from .ways import LIMIT, ByHand, MLflow, Outcome, Revive, Way, tried

_SHARE = 17 / 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments say, and print it."""
    parser = parser_of("revive", __doc__)
    parser.add_argument("--worlds", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--mlflow", metavar="PYTHON")
    parser.add_argument("--uv", metavar="UV", default="uv")
    parser.add_argument("--python", action="append", default=[], metavar="MINOR=PATH")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--ways", nargs="+", default=["MLflow", "by hand", "revive"])
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds a command may take")
    options = parser.parse_args(arguments)
    pythons = dict(each.split("=", 1) for each in options.python)
    limit = options.limit
    ways: dict[str, Way] = {
        "by hand": ByHand(options.uv, pythons, limit),
        "revive": Revive(limit),
    }
    if options.mlflow:
        ways = {"MLflow": MLflow(options.mlflow, pythons, limit), **ways}
    ways = {name: ways[name] for name in ways if name in options.ways}
    found: dict[str, dict[str, Outcome]] = {}
    with tempfile.TemporaryDirectory() as name:
        for old in old_models(options.worlds):
            if options.only and old.name not in options.only:
                continue
            found[old.name] = _tried(ways, old, Path(name))
    if not found:
        parser.error(f"{options.worlds}: there are no old models that are asked for")
    print(_table(found, list(ways)))
    plain = {name: {way: asdict(each) for way, each in of.items()} for name, of in found.items()}
    figures = _figures(found, list(ways))
    good = all(each.holds is not False for each in figures)
    return conclude(options, figures, good=good, details={"models": plain})


def _figures(found: Mapping[str, Mapping[str, Outcome]], ways: Sequence[str]) -> list[Figure]:
    """Return how many models run again, each way."""
    text, unit = "old models that run again", f"of {len(found)}"
    return [
        Figure(text, sum(of[way].good for of in found.values()), unit, who=way)
        if way != "revive"
        else Figure(text, sum(of[way].good for of in found.values()), unit, least=least)
        for way in ways
        for least in [_SHARE * len(found)]
    ]


def _tried(ways: Mapping[str, Way], old: OldModel, scratch: Path) -> dict[str, Outcome]:
    """Run one model each way, and say each outcome as it is known."""
    outcomes = {}
    for name, way in ways.items():
        outcome = tried(way, old, scratch / old.name)
        said = outcome.said or "; ".join(outcome.notes)
        print(f"{old.name}, {name}: {'runs' if outcome.good else 'no'} {said}", flush=True)
        outcomes[name] = outcome
    return outcomes


def _table(found: Mapping[str, Mapping[str, Outcome]], ways: Sequence[str]) -> str:
    lines = ["", f"| model | {' | '.join(ways)} |", "|---" * (len(ways) + 1) + "|"]
    for name, outcomes in found.items():
        cells = (
            f"{'yes' if each.good else 'no'}, {each.seconds:.0f} s" for each in outcomes.values()
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    sums = (f"**{sum(of[way].good for of in found.values())} of {len(found)}**" for way in ways)
    return "\n".join([*lines, f"| run | {' | '.join(sums)} |"])
