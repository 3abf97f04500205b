"""Units go to real clusters of Dask's and Ray's, started here with two processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Fleet

pytestmark = pytest.mark.slow

SCRIPT = """
import sys
from pathlib import Path
import modelenv
from modelenv import FleetOptions

def main():
    root, engine = Path(sys.argv[1]), sys.argv[2]
    here = FleetOptions(jobs=2, state=root.parent / "here", again="all")
    there = FleetOptions(jobs=2, engine=engine, state=root.parent / "there", again="all")
    one = modelenv.{function}_fleet(root, fleet=here)
    other = modelenv.{function}_fleet(root, fleet=there)
    told = [
        [(each.path, each.status, each.reason) for each in found.outcomes()]
        for found in (one, other)
    ]
    assert told[0] == told[1], told
    print(one.counts == other.counts, other.counts)

if __name__ == "__main__":
    main()
"""
LOST = """
import os, sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from modelenv.fleet.places.find import find_models
from modelenv.fleet.state.outcome import ModelOutcome
from modelenv.fleet.work import clusters
from modelenv.fleet.work.going import FleetRun, go_through
from modelenv.fleet.work.unit import UnitSizes

@dataclass(frozen=True)
class Deadly:
    name = "deadly"
    writes = False
    sizes = UnitSizes(4, 4)
    def said(self):
        return {}
    def pins(self, folder):
        return "p"
    def run(self, unit, stopped):
        for model in unit.models:
            if model.name == "m0002":
                os._exit(9)
            yield ModelOutcome(path=str(model), status="done", good=True)

def main():
    root, engine = Path(sys.argv[1]), sys.argv[2]
    go = partial(getattr(clusters, f"on_{engine}"), jobs=2, address=None)
    run = FleetRun(engine=go, jobs=2, state=root.parent / "state")
    print(go_through(Deadly(), find_models(root), run).counts)

if __name__ == "__main__":
    main()
"""


def ran(folder: Path, script: str, *words: str, module: str = "cluster_script") -> str:
    """Run a script whose task its cluster can import, and return what it printed last."""
    if "Deadly" in script:  # what travels is imported there, by the name of its module
        (folder / "deadly.py").write_text(script)
        script = "import deadly\nif __name__ == '__main__': deadly.main()"
    (folder / f"{module}.py").write_text(script)
    path = os.pathsep.join([str(folder), str(Path(__file__).parents[3])])
    # Ray's sockets have 107 bytes for their whole path.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ray-") as short:
        ended = subprocess.run(
            [sys.executable, str(folder / f"{module}.py"), *words],
            env={**os.environ, "PYTHONPATH": path, "RAY_TMPDIR": short},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()[-1]


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_outcomes_are_as_here(engine: str, fleet: Fleet, tmp_path: Path) -> None:
    pytest.importorskip({"dask": "distributed"}.get(engine, engine))
    for number in range(25):
        fleet.add(f"m{number:04d}", (f"numpy==1.26.{number % 3}",))
    (fleet.root / "m0003" / "model.pkl").unlink()
    (fleet.root / "m0004" / "MLmodel").write_text("flavors: [")
    script = SCRIPT.format(function="inspect")
    said = ran(tmp_path, script, str(fleet.root), engine)
    assert said == "True {'whole': 23, 'incomplete': 1, 'error': 1}"


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_verdicts_are_as_here(engine: str, fleet: Fleet, tmp_path: Path, saved_fleet: Path) -> None:
    pytest.importorskip({"dask": "distributed"}.get(engine, engine))
    said = ran(tmp_path, SCRIPT.format(function="verify"), str(saved_fleet), engine)
    assert said.startswith("True ")
    assert "'fails': 1" in said


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_a_process_that_is_lost_costs_one_model(engine: str, fleet: Fleet, tmp_path: Path) -> None:
    pytest.importorskip({"dask": "distributed"}.get(engine, engine))
    fleet.many(8)
    assert ran(tmp_path, LOST, str(fleet.root), engine) == "{'done': 7, 'error': 1}"
