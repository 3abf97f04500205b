"""Nodes of an engine: Pythons that have neither modelenv nor anything else, with own folders."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings
from modelenv.batch.node.calling.travelled import TravelledModel
from modelenv.batch.node.job import FolderFiles, NodeEnvironment, NodeJob
from modelenv.batch.node.kept.building.pythons import find_python
from modelenv.batch.node.kept.errors import NodeError
from modelenv.batch.travel.payload import travelling

from ...environments.conftest import Wheelhouse

UV = Settings.from_environment().uv
MINORS = ("3.10", "3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Node:
    """A machine of an engine, as far as a process of its sees one."""

    home: Path
    python: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def environment(self) -> dict[str, str]:
        kept = ("PATH", "TMPDIR", "LANG")
        own = {name: os.environ[name] for name in kept if name in os.environ}
        if UV is not None:
            own["PATH"] = os.pathsep.join((str(UV.parent), own.get("PATH", "")))
        own |= {"HOME": str(self.home), "MODELENV_CACHE_DIR": str(self.cache)}
        return {**own, **self.variables}

    def start(self, script: str, *words: str) -> subprocess.Popen[bytes]:
        """Start a script in a Python that has nothing but its standard library."""
        return subprocess.Popen(
            [self.python, "-S", "-s", "-c", script, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.home,
        )

    def run(self, script: str, *words: str, given: bytes = b"") -> str:
        """Run a script to its end and return what it printed."""
        process = self.start(script, *words)
        printed, said = process.communicate(given, timeout=300)
        assert process.returncode == 0, said.decode()
        return printed.decode()


def python_of(minor: str) -> str:
    """Return a Python of a minor version; skip the test where there is none."""
    variables = Settings.from_environment().environment
    try:
        return find_python(minor, variables, None if UV is None else str(UV)).executable
    except NodeError as error:
        pytest.skip(str(error))


@pytest.fixture
def cold(tmp_path: Path) -> Node:
    """A node with this Python's base, on which nothing of ours was ever."""
    return new_node(tmp_path)


@pytest.fixture(scope="session")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node on which all of our code has been imported."""
    visited = new_node(tmp_path_factory.mktemp("visited"))
    visited.run(EVERY_MODULE, *modules(), given=pickle.dumps(empty_model()))
    return visited


@pytest.fixture
def node(tmp_path: Path, visited: Node) -> Node:
    """A node with this Python's base, on which our code lies already, compiled."""
    made = new_node(tmp_path)
    shutil.copytree(visited.cache / "travel", made.cache / "travel")
    return made


def new_node(folder: Path) -> Node:
    """Return a node that has its folders below `folder`."""
    home = folder / "node"
    home.mkdir()
    return Node(home, python_of(".".join(map(str, sys.version_info[:2]))))


@pytest.fixture(params=MINORS)
def any_node(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    """A node with each Python that is here."""
    home = tmp_path / "node"
    home.mkdir()
    return Node(home, python_of(request.param))


EVERY_MODULE = """
import importlib, pickle, sys
model = pickle.load(sys.stdin.buffer)
package = type(model).__module__.partition(".")[0]
for name in sys.argv[1:]:
    importlib.import_module(package + "." + name)
print(len(sys.argv) - 1)
"""
"""A script that imports all modules that it is given, of those that travelled to it."""


def modules() -> list[str]:
    """Return the modules that travel, but for those that are programs."""
    names = (name for name in travelling() if name.endswith(".py"))
    programs = ("__init__.py", "starter/start.py", "_worker.py")
    return [
        name.removesuffix(".py").replace("/", ".") for name in names if not name.endswith(programs)
    ]


def empty_model(**changed: Any) -> TravelledModel:
    """Return a model that is never asked."""
    files = FolderFiles(path="/models/churn", digests={"a": "0" * 64}, contents={"a": b"bytes"})
    environment = NodeEnvironment(kind="built", python="3.11", lines=("numpy==1.26.4",))
    job = {"name": "churn", "data": "model.pkl", "loader": "code/loader.py", "files": files}
    return TravelledModel(job=NodeJob(**{**job, "environment": environment, **changed}))


LOADER = """
import os, sys, time
class Model:
    def predict(self, data):
        import own
        if data == ["stop"]:
            time.sleep(60)
        if data == ["who"]:
            return [os.getpid(), sys.version_info[:2]]
        return [own.FACTOR * each for each in data]
def _load_pyfunc(path):
    return Model()
"""
OPEN = """
import importlib, os, pickle, sys, time
from pathlib import Path
model = pickle.load(sys.stdin.buffer)
package = type(model).__module__.partition(".")[0]
load = lambda name: importlib.import_module(package + "." + name)
cache = Path(os.environ["MODELENV_CACHE_DIR"])
environments = load("batch.node.kept.environments")
def opened(**how):
    said = lambda words: print("said", words, flush=True)
    return environments.opened(model.job.environment, cache / "environments", report=said, **how)
"""
"""What a script on a node begins with that opens the environment of a model."""


def inline(files: dict[str, str], path: str = "/models/own") -> FolderFiles:
    contents = {name: text.encode() for name, text in files.items()}
    digests = {name: hashlib.sha256(each).hexdigest() for name, each in contents.items()}
    return FolderFiles(path=path, digests=digests, contents=contents)


@pytest.fixture
def model(tmp_path: Path) -> TravelledModel:
    """A model that multiplies by what a distribution says, which only its environment has."""
    house = Wheelhouse(tmp_path / "wheelhouse")
    house.add("own", "1.0", source="FACTOR = 3\n")
    return model_of_wheels(house)


def model_of_wheels(house: Wheelhouse, **environment: Any) -> TravelledModel:
    told = {
        "kind": "built",
        "python": ".".join(map(str, sys.version_info[:3])),
        "lines": ("own==1.0",),
        "options": ("--no-index", f"--find-links {house.folder.as_uri()}"),
        **environment,
    }
    files = inline({"code/loader.py": LOADER, "model.txt": "nothing"})
    job = NodeJob(
        name="own",
        data="model.txt",
        loader="code/loader.py",
        code=("code",),
        like={"type": "json_object"},
        files=files,
        environment=NodeEnvironment(**told),
        returns="prediction",
    )
    return TravelledModel(job=job)
