"""The tools that are compared: one name, one object of the `Tool` protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .mlflow import MLflow, WithoutItself
from .modelenv import Modelenv
from .scanners import INDEX, OUTPUT, SOURCES, Freeze, Scanner
from .tool import Tool

_MLFLOW = MLflow("mlflow", "MLflow")
_LOCKED = MLflow("mlflow-lock", "MLflow, locked", lock=True)

_TOOLS: tuple[Tool, ...] = (
    Modelenv("modelenv", "modelenv", {}),
    Modelenv("modelenv-keep", 'modelenv, `optional="keep"`', {"optional": "keep"}),
    _MLFLOW,
    WithoutItself("mlflow-out", "MLflow, itself taken out", _MLFLOW),
    _LOCKED,
    WithoutItself("mlflow-lock-out", "MLflow, locked, itself taken out", _LOCKED),
    Scanner("pipreqs", "pipreqs", ("--pypi-server", INDEX, "--savepath", OUTPUT, SOURCES)),
    Scanner(
        "pigar",
        "pigar",
        ("generate", "--question-answer", "no", "--auto-select", "-f", OUTPUT, SOURCES),
    ),
    Freeze(),
)

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in _TOOLS}


class UnknownToolError(Exception):
    """Names that are no tool's."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(self.names)

    def __str__(self) -> str:
        return f"no such tool: {', '.join(self.names)}; there are {', '.join(TOOLS)}"


def find_tools(names: Iterable[str] = ()) -> tuple[Tool, ...]:
    """Return the tools of those names, or all, in the order of the tables."""
    wanted = set(names)
    unknown = sorted(wanted - TOOLS.keys())
    if unknown:
        raise UnknownToolError(unknown)
    return tuple(tool for name, tool in TOOLS.items() if not wanted or name in wanted)
