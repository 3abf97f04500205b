"""How does modelenv's server compare, on one model and one machine?

    python -m benchmarks serving [--mlflow PYTHON] [--mlserver PYTHON] [--model linear|pipeline]

A model of scikit-learn on a table of 30 columns of floats is saved by each tool; the servers run
side by side and are asked for one row in turn, in short rounds. PYTHON is an interpreter that has
MLflow, and one that has MLServer with mlserver-sklearn, both with the scikit-learn, pandas and
numpy that are here.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..results.command import conclude, parser_of
from . import measures, models, report, servers


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the arguments say, and print it."""
    parser = parser_of("serving", __doc__)
    parser.add_argument("--mlflow", metavar="PYTHON", help="an interpreter that has MLflow")
    parser.add_argument("--mlserver", metavar="PYTHON", help="an interpreter that has MLServer")
    parser.add_argument("--model", choices=("linear", "pipeline"), default="linear")
    parser.add_argument("--rounds", type=int, default=15, help="of load")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each load")
    parser.add_argument("--starts", type=int, default=5, help="of each server, timed")
    parser.add_argument("--parts", default="load,web,channel,start", metavar="PART,...")
    parser.add_argument(
        "--managers", default="local", metavar="NAME,...", help="of MLflow's starts"
    )
    options = parser.parse_args(arguments)
    parts = options.parts.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plans = _plans(folder, options)
        found = measures.Figures()
        if "load" in parts:
            measures.load(plans, options.rounds, options.seconds, found)
        if "web" in parts:
            measures.web(plans[0], options.rounds, options.seconds, found)
        if "channel" in parts:
            measures.channel(options.rounds, found)
        if "start" in parts:
            timed = _started(folder, options, plans)
            measures.start(timed, options.starts, found)
    print(f"Python {platform.python_version()}, model: {options.model}\n")
    print(report.text(found))
    return conclude(options, [*report.figures(found)], details=asdict(found))


def _plans(folder: Path, options: argparse.Namespace) -> list[servers.Plan]:
    """Save the model for each server that is to run, and return how they are started."""
    import sys

    models.save(sys.executable, "modelenv", options.model, folder / "of-modelenv")
    plans = [servers.of_modelenv(folder, models.of_mlflow())]
    if options.mlflow:
        models.save(options.mlflow, "mlflow", options.model, folder / "of-mlflow")
        plans.append(servers.of_mlflow(options.mlflow, folder))
    if options.mlserver:
        models.save(options.mlserver, "mlserver", options.model, folder / "of-mlserver")
        question = models.of_inference_protocol("/v2/models/model/infer")
        plans.append(servers.of_modelenv(folder, question, name="modelenv, v2"))
        plans.append(servers.of_mlserver(options.mlserver, folder, question))
    return plans


def _started(
    folder: Path, options: argparse.Namespace, plans: Sequence[servers.Plan]
) -> list[servers.Plan]:
    """Return the servers whose start is timed: in environments that are kept, too."""
    question = models.of_mlflow()
    name = "modelenv, uv"
    kept = servers.of_modelenv(folder, question, "--env-manager", "uv", name=name)
    others = [plan for plan in plans[1:] if "v2" not in plan.name]
    managers = options.managers.split(",") if options.mlflow else []
    others += [servers.of_mlflow(options.mlflow, folder, m) for m in managers if m != "local"]
    return [plans[0], kept, *others]
