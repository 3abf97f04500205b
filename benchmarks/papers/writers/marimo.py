"""Notebooks of marimo, which are scripts with a block (PEP 723)."""

from __future__ import annotations

from ..written import Tool, Written

TOOL = Tool("marimo", ("marimo==0.25.2", "uv==0.13.9"))

_NOTEBOOK = {
    "wine.py": """\
import marimo

app = marimo.App()


@app.cell
def _():
    import click

    return (click,)


if __name__ == "__main__":
    app.run()
"""
}

PAPERS = (
    Written(
        "marimo", "wine.py", _NOTEBOOK, "uv add -q --script wine.py 'click~=8.1' attrs marimo==0.25.2",
        asks='uv lock -q --script wine.py && "$PYTHON" "$INSIDE/uv_asks.py" wine.py.lock',
    ),
)  # fmt: skip
