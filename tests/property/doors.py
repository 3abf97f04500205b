"""The forms of lists as doors: each writes the lines that somebody means, and hands them in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import resolver
from envfiles import Selection
from modelenv.pins.lines import read_lines

Document = tuple[str, str, Selection]
"""The name of a file, its text, and what of it is meant."""
Door = Callable[[list[str]], Document]


def project(lines: list[str]) -> Document:
    """Write them as the dependencies of a project."""
    return (
        "pyproject.toml",
        f"[project]\nname = 'door'\ndependencies = {toml(lines)}\n",
        Selection(),
    )


def extra(lines: list[str]) -> Document:
    """Write them as an extra of a project, which another extra of it names."""
    text = "[project]\nname = 'door'\n[project.optional-dependencies]\nx = ['Door[in_ner]']\n"
    return "pyproject.toml", f"{text}in-ner = {toml(lines)}\n", Selection(extras=("x",))


def group(lines: list[str]) -> Document:
    """Write them as a group that another group includes (PEP 735)."""
    inner = f"inner = {toml(lines)}\nouter = [{{include-group = 'inner'}}]\n"
    return "pyproject.toml", f"[dependency-groups]\n{inner}", Selection(groups=("outer",))


def script(lines: list[str]) -> Document:
    """Write them in the block of a script (PEP 723)."""
    return "run.py", f"# /// script\n# dependencies = {toml(lines)}\n# ///\n", Selection()


HAS_GROUPS = find_spec("packaging.dependency_groups") is not None
DOORS: list[Door] = [project, extra, script, *([group] if HAS_GROUPS else [])]
AT_HAND: ContextVar[Door | None] = ContextVar("AT_HAND", default=None)
"""The door by which lines are handed in; None: as they stand."""


def toml(texts: list[str]) -> str:
    """Return a list of texts as TOML has it, which is as JSON has it."""
    return json.dumps(texts)


def read(lines: Iterable[str], layer: str) -> resolver.Lines:
    """Read lines through the door at hand."""
    door = AT_HAND.get()
    return straight(lines, layer) if door is None else through(door(list(lines)), layer)


def straight(lines: Iterable[str], layer: str = "pip_requirements") -> resolver.Lines:
    """Read lines as they stand."""
    return read_lines(lines, layer=layer, environment={}, constraint=layer == "constraints")


def through(document: Document, layer: str = "pip_requirements") -> resolver.Lines:
    """Read a document that lies on the disk."""
    name, text, chosen = document
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_text(text, encoding="utf-8")
        narrows = layer == "constraints"
        return read_lines(file, layer=layer, environment={}, constraint=narrows, selection=chosen)


def shows(said: str, layer: str, index: int, text: str) -> bool:
    """Tell whether a line of an error shows this line, and where it stands."""
    door = AT_HAND.get()
    if door is None:
        return said == f"{layer}[{index}]: {text}"
    return Path(door([])[0]).name in said and said.endswith(f": {text}")
