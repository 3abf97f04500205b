"""Folders and environment files of MLflow 2."""

from __future__ import annotations

from ..written import Tool
from .mlflow import of_version

TOOL = Tool("mlflow-2", ("mlflow-skinny==2.22.2", "pandas==2.2.3", "attrs==26.1.0", "click==8.1.8"))

PAPERS = of_version("mlflow-2")
