"""Lazy imports (PEP 810): who declares them, who uses them first, and what is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ..conftest import ROOT, interpreter

World = Callable[[Mapping[str, str]], Path]
FILES = {
    "shop/__init__.py": (
        "lazy from .till import open_till, close_till as shut\n"
        "lazy from . import cellar\n"
        "lazy import fruit.apple.core\n"
        "lazy import fruit.pear as pear\n"
        "\n"
        "def sell():\n"
        "    return open_till()\n"
        "\n"
        "def eat():\n"
        "    return fruit.apple.core.SEEDS\n"
    ),
    "shop/till.py": "def open_till(): return 1\ndef close_till(): return 2\n",
    "shop/cellar.py": "",
    "fruit/__init__.py": "",
    "fruit/apple/__init__.py": "",
    "fruit/apple/core.py": "SEEDS = 5\n",
    "fruit/pear.py": "",
}
PROGRAM = """
import json, os, sys
import tracer
from tracer import trace
{before}
with trace({options}) as seen:
    {body}
print(json.dumps([
    {{
        "name": each.name, "how": each.how, "by": each.importer, "line": each.line,
        "used by": each.used_by, "used at": each.used_line, "loaded": each.loaded,
        "error": each.error, "caught": each.caught,
    }}
    for each in seen.records
]))
{after}
"""


@pytest.fixture
def python() -> Path:
    """A Python that has lazy imports."""
    found = Path(sys.executable) if sys.version_info >= (3, 15) else interpreter("3.15")
    if found is None:
        pytest.skip("Python 3.15, which has lazy imports, is not installed")
    return found


def run(
    python: Path,
    body: str,
    *words: str,
    before: str = "",
    after: str = "",
    options: str = "",
    **variables: str,
) -> Any:
    """Run a program in the working folder, and return what it prints."""
    lines = "\n    ".join(body.splitlines())
    program = PROGRAM.format(before=before, body=lines, after=after, options=options)
    Path("program.py").write_text(program)
    paths = os.pathsep.join([str(ROOT), "."])
    done = subprocess.run(
        [str(python), *words, "program.py"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths, **variables},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(records: list[dict[str, Any]], name: str, how: str = "imported") -> dict[str, Any]:
    (found,) = (each for each in records if (each["name"], each["how"]) == (name, how))
    return found


@pytest.mark.parametrize("options", ["", "executed=False"])
def test_the_edge_is_the_statement_with_its_first_use_beside_it(
    world: World, python: Path, options: str
) -> None:
    world(FILES)
    (seen,) = run(python, "import shop\nshop.sell()\nshop.eat()\nshop.pear", options=options)
    till = of(seen, "shop.till")
    assert (till["by"], till["line"]) == ("shop", 1)
    assert (till["used by"], till["used at"]) == ("shop", 7)
    for name in ("fruit", "fruit.apple", "fruit.apple.core"):
        part = of(seen, name)
        assert (part["by"], part["line"], part["used at"]) == ("shop", 3, 10), name
    pear = of(seen, "fruit.pear")
    assert (pear["by"], pear["line"], pear["used by"]) == ("shop", 4, "__main__")


@pytest.mark.parametrize(
    "use", ["shop.cellar", "from shop import cellar", "getattr(shop, 'cel' + 'lar')"]
)
def test_whoever_reads_it_it_is_its_modules(world: World, python: Path, use: str) -> None:
    world(FILES)
    (seen,) = run(python, f"import shop\n{use}")
    cellar = of(seen, "shop.cellar")
    assert (cellar["by"], cellar["line"], cellar["used by"]) == ("shop", 2, "__main__")


@pytest.mark.parametrize(
    "use",
    ["import fruit.pear", "__import__('fruit.pear')", "importlib.import_module('fruit.pear')"],
)
def test_who_imports_by_itself_has_asked(world: World, python: Path, use: str) -> None:
    world(FILES)
    (seen,) = run(python, f"import importlib, shop\ndef f():\n    {use}\nf()")
    pear = of(seen, "fruit.pear")
    assert (pear["by"], pear["used by"]) == ("__main__", None)


def test_what_was_declared_before_the_block_is_known(world: World, python: Path) -> None:
    world(FILES)
    (seen,) = run(python, "shop.sell()", before="import shop")
    assert (of(seen, "shop.till")["by"], of(seen, "shop.till")["line"]) == ("shop", 1)


def test_what_nobody_used_is_told_and_is_no_failure(world: World, python: Path) -> None:
    world(FILES)
    seen, failed = run(python, "import shop\nshop.fruit", after="print(json.dumps(seen.failed))")
    left = {each["name"]: each["line"] for each in seen if each["how"] == "lazy"}
    assert left == {"shop.till": 1, "shop.cellar": 2, "fruit.apple.core": 3, "fruit.pear": 4}
    assert failed == []


def test_what_others_loaded_is_held_by_who_declares_it(world: World, python: Path) -> None:
    world(FILES)
    (seen,) = run(python, "import shop\ndef f():\n    import fruit.pear\nf()")
    held = of(seen, "fruit.pear", "held")
    assert (held["by"], held["line"]) == ("shop", 4)


@pytest.mark.parametrize("options", ["", "executed=False", "touched=True, calls=True"])
def test_looking_loads_nothing(world: World, python: Path, options: str) -> None:
    world(FILES)
    look = "print(json.dumps(sorted(k for k, v in vars(shop).items() if 'lazy' in str(type(v)))))"
    _, left = run(python, "import shop", options=options, after=look)
    assert left == ["cellar", "fruit", "open_till", "pear", "shut"]


def test_an_error_is_that_of_the_statement_and_may_be_caught(world: World, python: Path) -> None:
    world({"asks.py": "lazy import absent\ndef f():\n    return absent\n"})
    (seen,) = run(python, "import asks\ntry:\n    asks.f()\nexcept ImportError:\n    pass")
    absent = of(seen, "absent")
    assert (absent["by"], absent["line"], absent["used at"]) == ("asks", 1, 3)
    assert (absent["error"], absent["loaded"]) == ("ModuleNotFoundError", False)


WAYS = {
    "variable": ((), {"PYTHON_LAZY_IMPORTS": "all"}, ""),
    "option": (("-X", "lazy_imports=all"), {}, ""),
    "call": ((), {}, "sys.set_lazy_imports('all')"),
}


@pytest.mark.parametrize("way", WAYS)
def test_where_everything_is_lazy_it_is_seen_all_the_same(
    world: World, python: Path, way: str
) -> None:
    words, variables, before = WAYS[way]
    world({"plain.py": "import fruit\nimport shelf\ndef f():\n    return fruit\n"})
    world({"fruit.py": "", "shelf.py": ""})
    (seen,) = run(python, "import plain\nplain.f()", *words, before=before, **variables)
    fruit = of(seen, "fruit")
    assert (fruit["by"], fruit["line"], fruit["used at"]) == ("plain", 1, 4)
    assert of(seen, "shelf", "lazy")["line"] == 2
    assert {each["name"] for each in seen} == {"plain", "fruit", "shelf"}


def test_a_child_tells_of_them_too(world: World, python: Path) -> None:
    world({**FILES, "child.py": "import shop\nshop.sell()\n"})
    (seen,) = run(python, "import subprocess\nsubprocess.run([sys.executable, 'child.py'])")
    till = of(seen, "shop.till")
    assert (till["by"], till["line"], till["used at"]) == ("shop", 1, 7)
    assert of(seen, "shop.cellar", "lazy")["line"] == 2
