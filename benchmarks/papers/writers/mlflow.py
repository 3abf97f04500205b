"""Folders and environment files of MLflow 3."""

from __future__ import annotations

from ..written import Tool, Written

TOOL = Tool("mlflow", ("mlflow-skinny==3.17.2", "pandas==2.3.3", "attrs==26.1.0", "click==8.1.8"))


def of_version(line: str) -> tuple[Written, ...]:
    """Return the documents that MLflow of any line writes, named after it."""
    save = 'python "$INSIDE/mlflow_model.py" model'
    asks = 'python "$INSIDE/mlflow_asks.py" model'
    inferred = f"{save}"
    return (
        Written(f"{line}-folder", "model", {}, inferred, asks=asks),
        Written(f"{line}-requirements", "model/requirements.txt", {}, f"{save} 'attrs>=23' click==8.1.8", asks=asks),
        Written(f"{line}-conda", "model/conda.yaml", {}, f"{save} 'attrs>=23' \"tomli; python_version < '3.11'\"", asks=asks),
        Written(
            f"{line}-python-env", "model/python_env.yaml", {"limits.txt": "attrs<26.2\n"},
            f"{save} attrs==26.1.0 '-c limits.txt'", asks=asks,
        ),
    )  # fmt: skip


_PROJECT = {
    "pyproject.toml": """\
[project]
name = "wine"
version = "1"
requires-python = ">=3.11"
dependencies = ["mlflow-skinny==3.17.2", "attrs>=23", "click<8.2"]
[dependency-groups]
dev = ["iniconfig"]
"""
}
_SAVED = '"$UV" lock -q && PATH="$PATH:$(dirname "$UV")" python "$INSIDE/mlflow_model.py" model'

PAPERS = (
    *of_version("mlflow-3"),
    Written(
        "mlflow-3-uv-requirements", "model/requirements.txt", _PROJECT, _SAVED,
        '"$UV" pip install -q --python "$ENV/bin/python" -r model/requirements.txt',
    ),
    Written(
        "mlflow-3-uv-lock", "model/uv.lock", _PROJECT, _SAVED,
        'cd model && UV_PROJECT_ENVIRONMENT="$ENV" "$UV" sync -q --frozen --no-dev --no-install-project',
    ),
)  # fmt: skip
