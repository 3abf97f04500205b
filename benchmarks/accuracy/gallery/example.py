"""An example of the gallery: a script that says what it needs, and what it is."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..authors.schema import parse_toml

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "gallery"
_BLOCK = re.compile(r"^# /// script\n((?:# .*\n|#\n)+)# ///$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A script with a block of inline metadata (PEP 723), read."""

    script: Path
    title: str
    """The first sentence of its docstring."""
    requirements: tuple[str, ...]
    """What it needs, as arguments of an installer: names, and folders of this repository."""
    as_of: str
    """The time after which no release counts, RFC 3339."""

    @property
    def name(self) -> str:
        return self.script.stem

    @property
    def saved(self) -> str:
        """The name of the folder that it writes."""
        return f"{self.name}_model"


def find_examples(names: tuple[str, ...] = (), folder: Path = FOLDER) -> tuple[Example, ...]:
    """Return the examples of those names, or all, sorted; raises `ValueError` on a name of none."""
    found = {each.stem: each for each in sorted(folder.glob("*.py"))}
    unknown = sorted(set(names) - found.keys())
    if unknown:
        raise ValueError(f"no such example: {', '.join(unknown)}; there are {', '.join(found)}")
    return tuple(read_example(found[name]) for name in sorted(names or found))


def read_example(script: Path) -> Example:
    """Return what the script says of itself; raises `ValueError` where it has no block."""
    text = script.read_text("utf-8")
    block = _BLOCK.search(text)
    if block is None:
        raise ValueError(f"{script}: no block of inline metadata (# /// script)")
    said = parse_toml(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))
    uv: dict[str, Any] = said["tool"]["uv"]
    folders = {name: each["path"] for name, each in uv.get("sources", {}).items()}
    return Example(
        script=script,
        title=(ast.get_docstring(ast.parse(text)) or "").partition("\n")[0],
        requirements=tuple(
            str((script.parent / folders[name]).resolve()) if name in folders else name
            for name in said["dependencies"]
        ),
        as_of=uv["exclude-newer"],
    )
