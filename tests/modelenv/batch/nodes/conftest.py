"""Nodes of an engine: Pythons that have neither modelenv nor anything else, with own folders."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modelenv.base.settings import Settings
from modelenv.batch.node.kept.building.errors import NodeError
from modelenv.batch.node.kept.building.pythons import find_python

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
    settings = Settings.from_environment()
    uv = None if settings.uv is None else str(settings.uv)
    try:
        return find_python(minor, settings.environment, uv).executable
    except NodeError as error:
        pytest.skip(str(error))


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node with this Python's base."""
    home = tmp_path / "node"
    home.mkdir()
    return Node(home, python_of(".".join(map(str, sys.version_info[:2]))))


@pytest.fixture(params=MINORS)
def any_node(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    """A node with each Python that is here."""
    home = tmp_path / "node"
    home.mkdir()
    return Node(home, python_of(request.param))
