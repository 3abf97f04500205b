"""The worlds: an environment, and a pickle of a model and its example that was made in it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..results.timing import environment
from .distributions import SmallDistribution, module_text, unrelated
from .environment import Environment, make_environment

TRAIN = """
import pickle, sys
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X, y = load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
pickle.dump((model, X[:5]), open(sys.argv[1], "wb"))
"""

_WIDE = """
import pickle, sys
from wide.model import Wide
pickle.dump((Wide(), [1, 2, 3]), open(sys.argv[1], "wb"))
"""
_WIDE_MODEL = """
class Wide:
    def predict(self, rows):
        return [row * Part1(3).times(2) for row in rows]
"""

_HUB = """
import pickle, sys
from hub import Hub
pickle.dump((Hub(), [1, 2, 3]), open(sys.argv[1], "wb"))
"""
_PROBE = """
try:
    import {name}
except ImportError:
    {name} = None
"""
_CALLED = "        worth += {name}.worth() if {name} else 0\n"
_READ = "        worth += {name}.VALUE if {name} else 0\n"
_IMPORTED = "        import {name}\n        worth += {name}.worth()\n"
_APART = "        worth += worth_of_{name}()\n"
_FUNCTION = """

def worth_of_{name}():
    import {name}
    return {name}.worth()
"""
_PREDICT = """

class Hub:
    def predict(self, rows):
        worth = 0
{body}        return [row + worth for row in rows]
"""
OPTION = "VALUE = 1\n\n\ndef worth():\n    return VALUE\n"
KINDS = {"block": _IMPORTED, "apart": _APART, "called": _CALLED, "read": _READ}
"""How a model needs an optional distribution: imports several in a row, each in a function of its
own, or merely calls it, or reads a value of it, and predicts something else without."""


@dataclass(frozen=True, slots=True)
class World:
    """Where a model is measured."""

    environment: Environment
    pickle: Path
    """Of a pair: the model and its example."""

    @property
    def python(self) -> str:
        return str(self.environment.python)


def crowd(folder: Path, distributions: int = 250) -> World:
    """Make a scikit-learn pipeline among so many distributions, which it does not need."""
    made = make_environment(folder / "environment", "scikit-learn", "modelenv")
    for number in range(max(0, distributions - made.installed)):
        unrelated(number).install(made.site)
    return _trained(made, folder, TRAIN)


def modules(folder: Path, count: int = 5000) -> World:
    """Make a model that imports so many modules, of distributions of a hundred each."""
    made = make_environment(folder / "environment", "modelenv")
    names = [f"wide-part{number}" for number in range(max(1, count // 100))]
    text = module_text()
    for name in names:
        package = name.replace("-", "_")
        parts = [f"part{index}" for index in range(count // len(names) - 1)]
        files = {f"{package}/{part}.py": text for part in parts}
        imports = "".join(f"from .{part} import Part1 as Part_{part}\n" for part in parts)
        SmallDistribution(package, {f"{package}/__init__.py": imports, **files}).install(made.site)
    imports = "".join(f"import {name.replace('-', '_')}\n" for name in names)
    first = f"from {names[0].replace('-', '_')}.part0 import Part1\n"
    files = {"wide/__init__.py": "", "wide/model.py": imports + first + _WIDE_MODEL}
    SmallDistribution("wide", files, names).install(made.site)
    return _trained(made, folder, _WIDE)


def needed(folder: Path, count: int = 250) -> World:
    """Make a model that imports a module of each of so many distributions, and calls it.

    Each requires the two that are half and a third of its number, so that there are chains.
    """
    made = make_environment(folder / "environment", "modelenv", "jinja2")
    names = [f"needed{number}" for number in range(count)]
    for number, name in enumerate(names):
        below = sorted({number // 2, number // 3} - {number})
        files = {f"{name}/__init__.py": OPTION}
        SmallDistribution(name, files, [names[each] for each in below]).install(made.site)
    imports = "".join(f"import {name}\n" for name in names)
    body = "".join(f"        worth += {name}.worth()\n" for name in names)
    text = imports + _PREDICT.format(body=body)
    SmallDistribution("hub", {"hub/__init__.py": text}, names).install(made.site)
    return _trained(made, folder, _HUB)


def optional(folder: Path, count: int = 100, needed: int = 0, kind: str = "block") -> World:
    """Make a model whose library probes for so many distributions that it does not require.

    So many of them are needed, in one of the `KINDS` of ways.
    """
    made = make_environment(folder / "environment", "modelenv")
    names = [f"option{number}" for number in range(count)]
    for name in names:
        SmallDistribution(name, {f"{name}/__init__.py": OPTION}).install(made.site)
    chosen = names[:: max(1, count // max(1, needed))][:needed]
    body = "".join(KINDS[kind].format(name=name) for name in chosen)
    functions = [_FUNCTION.format(name=name) for name in chosen if kind == "apart"]
    probes = [_PROBE.format(name=name) for name in names]
    text = "".join([*probes, *functions, _PREDICT.format(body=body)])
    SmallDistribution("hub", {"hub/__init__.py": text}).install(made.site)
    return _trained(made, folder, _HUB)


def _trained(made: Environment, folder: Path, script: str) -> World:
    world = World(made, folder / "model.pkl")
    command = [world.python, "-c", script, str(world.pickle)]
    subprocess.run(command, env=environment(), check=True)
    return world
