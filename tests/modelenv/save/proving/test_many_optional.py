"""Many optional distributions in one trace: how many runs it takes until the proof is decided."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import modelenv

FEW = 4
MANY = [pytest.param(100, marks=pytest.mark.slow)]
KILN = "class Model:\n    def predict(self, data):\n        {}\n        return data * 2\n"


def guarded(name: str) -> str:
    return f"try:\n    import {name}\nexcept ImportError:\n    {name} = None\n"


def saved(target: Path) -> tuple[set[str], int]:
    """Save a model of kiln's; return which tools its proof kept, and how often it predicted."""
    told: list[str] = []
    model = importlib.import_module("kiln").Model()
    account = modelenv.save_model(model, target, input_example=2, seal="off", report=told.append)
    kept = {line.partition("==")[0] for line in account.pins}
    return kept - {"kiln"}, sum("alone, in" in line for line in told)


def names(count: int) -> list[str]:
    return [f"tool{place:03}" for place in range(count)]


def install(own_site, kiln: str, tools: dict[str, str]) -> None:
    own_site.install("kiln", {"kiln.py": kiln})
    for name, text in tools.items():
        own_site.install(name, {f"{name}.py": text})


@pytest.mark.parametrize("count", MANY)
def test_where_none_is_needed_one_run_decides(own_site, target: Path, count: int) -> None:
    guards = "".join(map(guarded, names(count)))
    install(own_site, guards + KILN.format("pass"), dict.fromkeys(names(count), ""))
    assert saved(target) == (set(), 1)


@pytest.mark.parametrize("count", MANY)
def test_one_that_a_failure_names_takes_one_more(own_site, target: Path, count: int) -> None:
    guards = "".join(map(guarded, names(count)))
    kiln = guards + KILN.format("import tool003; tool003.cut")
    install(own_site, kiln, dict.fromkeys(names(count), "cut = 1"))
    assert saved(target) == ({"tool003"}, 2)


@pytest.mark.parametrize("count", [FEW, *MANY])
def test_all_that_one_block_imports_take_one_more(own_site, target: Path, count: int) -> None:
    imports = "\n".join(f"import {name}" for name in names(count))
    guards = guarded("unneeded")
    kiln = guards + imports + "\n" + KILN.format("pass")
    install(own_site, kiln, {**dict.fromkeys(names(count), ""), "unneeded": ""})
    assert saved(target) == (set(names(count)), 2)


@pytest.mark.parametrize("count", [FEW, *MANY])
def test_a_chain_of_imports_takes_one_more(own_site, target: Path, count: int) -> None:
    """What a link of it imports behind a ``try``, or when it is called, is not taken along."""
    tools = {
        name: f"import {following}\n{guarded('unneeded')}def later():\n    import unasked\n"
        for name, following in zip(names(count), [*names(count)[1:], "json"], strict=True)
    }
    kiln = f"import tool000\n{guarded('unasked')}" + KILN.format("pass")
    install(own_site, kiln, {**tools, "unneeded": "", "unasked": ""})
    assert saved(target) == (set(names(count)), 2)


SPARED = {
    "whoever imports the one tells which is missing": (
        "try:\n    import tool000\n"
        "except ModuleNotFoundError as error:\n    if error.name == 'tool000':\n        raise\n",
        "import tool001",
    ),
    "the block does": (
        "try:\n    import tool000\n    import tool001\n"
        "except ModuleNotFoundError as error:\n    if error.name == 'tool000':\n        raise\n",
        "",
    ),
    "some come to the second and some do not": (
        "def use(further):\n    import tool000\n    if not further:\n        return\n"
        "    import tool001\n"
        "use(False)\ntry:\n    use(True)\nexcept ImportError:\n    pass\n",
        "",
    ),
    "somebody else has put another into its place": (
        "import sys, types\ntry:\n    import tool001\nexcept ImportError:\n"
        "    sys.modules['tool001'] = types.ModuleType('tool001')\nimport tool000\n",
        "import tool001",
    ),
    "it is suppressed": (
        "import contextlib\nimport tool000\nwith contextlib.suppress(ImportError):\n"
        "    import tool001\n",
        "with __import__('contextlib').suppress(ImportError):\n    import tool001",
    ),
}
QUICK = "whoever imports the one tells which is missing"


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=() if way == QUICK else pytest.mark.slow) for way in SPARED]
)
def test_what_stands_with_a_needed_one_is_not_needed_for_that(
    own_site, target: Path, way: str
) -> None:
    kiln, tool = SPARED[way]
    install(own_site, kiln + KILN.format("pass"), {"tool000": tool, "tool001": ""})
    assert saved(target) == ({"tool000"}, 2)


@pytest.mark.slow
def test_those_of_different_places_take_one_more_each(own_site, target: Path) -> None:
    """Nothing but a run tells whether somebody would have caught the error there."""
    places = "".join(f"def use{n}():\n    import {name}\n" for n, name in enumerate(names(FEW)))
    uses = "; ".join(f"use{n}()" for n in range(FEW))
    install(own_site, places + KILN.format(uses), dict.fromkeys(names(FEW), ""))
    assert saved(target) == (set(names(FEW)), 1 + FEW)


@pytest.mark.parametrize("count", [FEW, *MANY])
def test_one_that_no_failure_names_is_found_by_its_call(own_site, target: Path, count: int) -> None:
    """Without it the prediction is another."""
    guards = "".join(map(guarded, names(count)))
    kiln = guards + KILN.format("data = tool002.cut(data) if tool002 else data")
    install(own_site, kiln, dict.fromkeys(names(count), "def cut(data):\n    return data + 1\n"))
    assert saved(target) == ({"tool002"}, 2)


@pytest.mark.slow
def test_one_that_nothing_points_to_is_found_by_halving(own_site, target: Path) -> None:
    """Two runs ask whether none and whether all are enough, seven halve, one is the proof."""
    guards = "".join(map(guarded, names(100)))
    kiln = guards + KILN.format("data += tool042 is not None")
    install(own_site, kiln, dict.fromkeys(names(100), ""))
    kept, runs = saved(target)
    assert kept == {"tool042"}
    assert runs <= 2 + 7 + 1
