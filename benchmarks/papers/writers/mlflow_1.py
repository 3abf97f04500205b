"""Folders and environment files of MLflow 1."""

from __future__ import annotations

from ..written import Tool
from .mlflow import of_version

TOOL = Tool(
    "mlflow-1",
    (
        "mlflow-skinny==1.30.1",
        "pandas==1.5.3",
        "numpy==1.26.4",
        "attrs==26.1.0",
        "click==8.1.8",
        "setuptools==65.5.0",
    ),
    python="3.10",
)

PAPERS = of_version("mlflow-1")
