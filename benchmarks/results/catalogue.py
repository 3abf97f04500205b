"""The benchmarks: where each stands, what it needs, and how it is run among all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark of the command."""

    name: str
    text: str
    """What it measures, in a line."""
    module: str
    """Of `benchmarks`, which has its `main`."""
    quick: Sequence[str] = ()
    """The words by which it takes a minute at most and still says something."""
    full: Sequence[str] = ()
    """The words of a run that the page is written from."""
    needs: Sequence[str] = ()
    """What of :mod:`~benchmarks.results.surroundings` it does not run without."""
    takes: Sequence[str] = ()
    """What of them it measures besides, where it is there."""
    only_full: str = ""
    """Why it is not among the quick ones; empty where it is."""
    within: str = ""
    """The benchmark that runs it as a part; it is not run by itself then, among all."""


BENCHMARKS = {
    each.name: each
    for each in (
        Benchmark(
            "time",
            "every figure of time that has a bound, under several Pythons",
            "time",
            within="capture, scale, startup, tracing, artifacts",
        ),
        Benchmark(
            "capture",
            "seconds of save_model, against the prediction alone and against MLflow",
            "time.capture",
            ("--runs", "1"),
            ("--runs", "5"),
            needs=("scikit-learn",),
            takes=("mlflow",),
        ),
        Benchmark(
            "scale",
            "seconds of save_model among many distributions, of many modules, and its proofs",
            "time.scale",
            ("--runs", "1", "--distributions", "20", "50", "--modules", "500", "--optional", "20"),
            ("--runs", "3"),
            needs=("scikit-learn",),
        ),
        Benchmark(
            "verify",
            "seconds of a verification, against the prediction alone and against MLflow",
            "time.verify",
            ("--runs", "1"),
            ("--runs", "5"),
            needs=("scikit-learn", "uv"),
            takes=("mlflow",),
        ),
        Benchmark(
            "artifacts",
            "seconds of saving a model with a large artifact, against cp -r of it",
            "time.artifacts",
            ("--runs", "1", "--megabytes", "100", "--files", "10"),
            ("--runs", "3"),
        ),
        Benchmark(
            "startup",
            "seconds of imports, of --help and of the command, against an empty interpreter",
            "time.startup",
            ("--runs", "1"),
            ("--runs", "7"),
            needs=("scikit-learn",),
        ),
        Benchmark(
            "tracing",
            "what tracing costs, against no trace, -X importtime and MLflow's way",
            "time.tracing",
            ("--runs", "2", "--only", "imports", "predictions"),
            ("--runs", "7"),
            needs=("scikit-learn", "pandas"),
        ),
        Benchmark(
            "attribution",
            "seconds of finding whose 1,500 modules are, against importlib.metadata",
            "resolving.attribution",
            ("--runs", "1", "--distributions", "50", "250"),
            ("--runs", "5"),
        ),
        Benchmark(
            "resolve",
            "seconds of a resolution, installed and from an index, against uv and pip",
            "resolving.resolve",
            ("closed", "--runs", "1", "--sizes", "50", "250"),
            ("--runs", "3", "--sets", "s1", "s2"),
            takes=("uv", "peers"),
        ),
        Benchmark(
            "asof",
            "are pins as of 55 sets and dates those of uv, and what does a date cost",
            "resolving.asof",
            full=("--runs", "5"),
            needs=("uv",),
            only_full="it asks an index for 55 sets",
        ),
        Benchmark(
            "trips",
            "how many of our files somebody opens to follow a call",
            "time.trips",
            needs=("scikit-learn",),
        ),
        Benchmark(
            "seal",
            "milliseconds that starting a process in a seal takes, beyond starting it without",
            "time.seal",
            ("--pairs", "5"),
            ("--pairs", "20"),
            needs=("linux",),
        ),
        Benchmark(
            "serving",
            "answers in a second, CPU and starts of the server, against MLflow and MLServer",
            "serving",
            ("--rounds", "1", "--seconds", "0.5", "--starts", "1", "--parts", "load,start"),
            ("--rounds", "7", "--starts", "3"),
            needs=("scikit-learn", "pandas", "linux"),
            takes=("mlflow", "mlserver"),
        ),
        Benchmark(
            "batches",
            "CPU of predicting on batches in the model's environment, against doing so here",
            "bulk.batches",
            ("--rows", "100000", "--runs", "1"),
            needs=("scikit-learn", "pandas", "pyarrow", "linux"),
        ),
        Benchmark(
            "fleets",
            "CPU of verifying 1,000 models in units, against each of them alone",
            "bulk.fleets",
            ("--models", "10", "--alone", "2"),
            needs=("scikit-learn", "pandas", "linux"),
        ),
        Benchmark(
            "engines",
            "rows a second on Spark, Dask and Ray, against MLflow's spark_udf",
            "bulk.engines",
            ("--rows", "100000"),
            needs=("pyspark", "dask", "ray", "java"),
            takes=("mlflow",),
        ),
        Benchmark(
            "images",
            "size, rebuild and first answer of an image, against MLflow's Dockerfile",
            "serving.images",
            ("--rounds", "1"),
            needs=("buildah", "root", "mlflow"),
            only_full="it builds images",
        ),
        Benchmark(
            "papers",
            "are documents of other tools read right, and ours by them",
            "papers",
            needs=("papers",),
            only_full="other tools read and write a hundred documents",
        ),
        Benchmark(
            "revive",
            "do twenty old models run again, against MLflow's predict and uv by hand",
            "revive",
            needs=("worlds", "uv"),
            takes=("mlflow",),
            only_full="twenty environments of other years are built three times",
        ),
        Benchmark(
            "accuracy",
            "does the captured environment run the model elsewhere, against six peers",
            "accuracy",
            ("--quick",),
            needs=("uv", "linux"),
        ),
        Benchmark(
            "growth",
            "how the cost of each step grows with distributions, modules and models",
            "bulk.growth",
            ("--quick",),
            needs=("scikit-learn", "pandas", "linux"),
        ),
    )
}
"""By their names, in the order in which they are told."""
