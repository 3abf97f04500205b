"""The rooms of the packages: which may import which, and how much stands in one."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
PACKAGES = ("tracer", "resolver", "envfiles", "modelenv")
MOST_ENTRIES = 12
MOST_LINES = 350
# What a package may hold beside its entries, and the room that was left as it is: what stands
# there starts in processes that are traced.
APART = {"__init__.py", "__main__.py", "py.typed", "__pycache__"}
UNCOUNTED = {ROOT / "tracer" / "probe"}

# Each room imports only what stands below it; those of one line import none of each other. Rooms
# that do not exist yet have their place all the same.
ORDER = {
    "modelenv": """
        cli
        report
        fleet time
        save
        serving
        edit repair
        audit
        ship batch export
        run
        wheels
        folder
        pins
        environments
        worker
        seal
        table system
        base
    """,
    "resolver": """
        joint
        solving
        explain bundle
        search
        attribution sources
        index installed
        requirements
        target
        settings
        moments
        errors local_files
    """,
}


def modules_of(package: str) -> Mapping[str, Path]:
    """Return the file of each module of a package, by its dotted name."""
    found = {}
    for file in sorted((ROOT / package).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = {package: modules_of(package) for package in PACKAGES}


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imports_of(module: str, file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules of its own package that a file imports: late, and for types alone, too."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join((*above, *filter(None, [node.module])))
            for alias in node.names:
                imported = f"{base}.{alias.name}"
                if imported in known or base in known:
                    yield imported if imported in known else base


@cache
def graph_of(package: str) -> Mapping[str, set[str]]:
    """Return what each module of a package imports of it; its own `__init__` only publishes."""
    known = {name: file for name, file in MODULES[package].items() if name != package}
    return {name: set(imports_of(name, file, known)) - {name} for name, file in known.items()}


def room_of(module: str) -> str:
    """Return the room of a module, or the module that stands beside the rooms."""
    return module.split(".")[1]


def circles(graph: Mapping[str, set[str]]) -> list[str]:
    """Return each group of nodes that lead to one another."""
    below = {node: _reachable(graph, node) for node in graph}
    groups = {
        tuple(sorted(other for other in found if node in below.get(other, ())))
        for node, found in below.items()
        if node in found
    }
    return [" <-> ".join(group) for group in sorted(groups)]


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == ["a <-> b <-> c"]
    assert not circles({"a": {"b", "c"}, "b": {"c"}, "c": set()})


@pytest.mark.parametrize("package", PACKAGES)
def test_no_imports_go_in_a_circle(package: str) -> None:
    found = circles(graph_of(package))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("package", ["tracer", "envfiles"])
def test_no_rooms_import_each_other(package: str) -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    folders = {room_of(module) for module in MODULES[package] if module.count(".") > 1}
    for module, imported in graph_of(package).items():
        others = {room_of(other) for other in imported} & folders
        if room_of(module) in folders:
            rooms[room_of(module)] |= others - {room_of(module)}
    found = circles(rooms)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("package", ORDER)
def test_rooms_import_what_stands_below_them(package: str) -> None:
    floors = [line.split() for line in ORDER[package].strip().splitlines()]
    floor = {room: number for number, rooms in enumerate(floors) for room in rooms}
    unplaced = {room_of(module) for module in MODULES[package] if module != package}
    assert unplaced - {"__main__"} <= floor.keys()
    upward = [
        f"{module} -> {other}"
        for module, imported in graph_of(package).items()
        for other in sorted(imported)
        if room_of(module) not in {room_of(other), "__main__"}
        and floor[room_of(other)] <= floor[room_of(module)]
    ]
    assert not upward, "\n".join(upward)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_room_can_be_looked_over(package: str) -> None:
    rooms = {file.parent for file in MODULES[package].values()} - UNCOUNTED
    entries = {
        # The list of the rooms itself is no room.
        str(room.relative_to(ROOT)): sorted(
            each.name
            for each in room.iterdir()
            if each.name not in APART and not (room == ROOT / package and each.is_dir())
        )
        for room in rooms
    }
    full = [
        f"{room}: {len(names)} entries"
        for room, names in entries.items()
        if len(names) > MOST_ENTRIES
    ]
    assert not full, "\n".join(full)


def test_no_class_shares_its_name() -> None:
    defined: dict[str, list[str]] = defaultdict(list)
    for package in PACKAGES:
        for file in MODULES[package].values():
            for node in ast.walk(_tree(file)):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    defined[node.name].append(str(file.relative_to(ROOT)))
    shared = [f"{name}: {', '.join(files)}" for name, files in defined.items() if len(files) > 1]
    assert not shared, "\n".join(shared)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_file_is_read_in_one_sitting(package: str) -> None:
    lines = {
        str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines())
        for file in MODULES[package].values()
    }
    long = [f"{file}: {count} lines" for file, count in lines.items() if count > MOST_LINES]
    assert not long, "\n".join(long)
