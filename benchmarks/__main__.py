"""``python -m benchmarks NAME [options]``: run one benchmark."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = {
    "time": "every figure of time that has a bound, under several Pythons",
    "capture": "seconds of save_model, against the prediction alone and against MLflow",
    "scale": "seconds of save_model among many distributions, of many modules, and its proofs",
    "verify": "seconds of a verification, against the prediction alone and against MLflow",
    "artifacts": "seconds of saving a model with a large artifact, against cp -r of it",
    "startup": "seconds of imports, of --help and of the command, against an empty interpreter",
    "tracing": "what tracing costs, against no trace, -X importtime and MLflow's way",
    "attribution": "seconds of finding whose 1,500 modules are, against importlib.metadata",
    "resolve": "seconds of a resolution, installed and from an index, against uv and pip",
    "asof": "are pins as of 55 sets and dates those of uv, and what does a date cost",
    "trips": "how many of our files somebody opens to follow a call",
    "seal": "milliseconds that starting a process in a seal takes, beyond starting it without",
    "serving": "answers in a second, CPU and starts of the server, against MLflow and MLServer",
    "batches": "CPU of predicting on batches in the model's environment, against doing so here",
    "fleets": "CPU of verifying 1,000 models in units, against each of them alone",
    "engines": "rows a second on Spark, Dask and Ray, against MLflow's spark_udf",
    "images": "size, rebuild and first answer of an image, against MLflow's Dockerfile",
    "papers": "are documents of other tools read right, and ours by them",
    "revive": "do twenty old models run again, against MLflow's predict and uv by hand",
    "accuracy": "does the captured environment run the model elsewhere, against six peers",
}
ROOMS = {
    name: f"time.{name}"
    for name in ("capture", "scale", "verify", "artifacts", "startup", "tracing")
}
"""Where a benchmark stands that is not a module of its own name here."""


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in BENCHMARKS:
        print("usage: python -m benchmarks NAME [options]\n")
        for name, text in BENCHMARKS.items():
            print(f"  {name:<12} {text}")
        return 0 if arguments in ([], ["-h"], ["--help"]) else 2
    return int(
        import_module(f"benchmarks.{ROOMS.get(arguments[0], arguments[0])}").main(arguments[1:])
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
