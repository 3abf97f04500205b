"""How MLflow reads the files of our folders."""

from __future__ import annotations

from ..writers.mlflow import TOOL
from ..written import Reads

__all__ = ["READS", "TOOL"]

READS = tuple(
    Reads(kind, prints='python "$INSIDE/mlflow_reads.py" "$DOC"')
    for kind in ("MLmodel", "conda.yaml", "python_env.yaml")
)
