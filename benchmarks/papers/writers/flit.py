"""Projects of Flit."""

from __future__ import annotations

from ..written import Tool, Written

TOOL = Tool("flit", ("flit==4.2.0",))

_PROJECT = """\
[build-system]
requires = ["flit_core ==4.2.0"]
build-backend = "flit_core.buildapi"

[project]
name = "wine"
authors = [{name = "me"}]
dynamic = ["version", "description"]
dependencies = ["click >=8", "attrs (>=23.1)"]
"""

PAPERS = (
    Written(
        "flit-project", "pyproject.toml",
        {"pyproject.toml": _PROJECT, "wine.py": '"""Rates wines."""\n__version__ = "0.1"\n'}, ":",
        asks="SOURCE_DATE_EPOCH=1700000000 flit build --format wheel --no-use-vcs 1>&2 && "
        '"$PYTHON" "$INSIDE/wheel_asks.py" dist/*.whl; rm -r dist',
    ),
)  # fmt: skip
