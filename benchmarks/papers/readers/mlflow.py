"""How MLflow reads the files of our folders."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("mlflow", ("mlflow-skinny==3.17.2", "pandas==2.3.3", "attrs==26.1.0", "click==8.1.8"))

READS = tuple(
    Reads(kind, prints='python "$INSIDE/mlflow_reads.py" "$DOC"')
    for kind in ("MLmodel", "conda.yaml", "python_env.yaml")
)
