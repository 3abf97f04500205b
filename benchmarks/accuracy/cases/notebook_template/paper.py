from __future__ import annotations

import nbformat
from nbconvert import LatexExporter


class Paper:
    """The LaTeX packages that a notebook's paper asks for."""

    def __init__(self, template: str) -> None:
        self.template = template

    def predict(self, cells: list[str]) -> list[str]:
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
        )
        body, _ = LatexExporter(template_name=self.template).from_notebook_node(notebook)
        lines = (line.strip() for line in body.splitlines())
        return [line for line in lines if line.startswith(("\\usepackage", "\\documentclass"))]
