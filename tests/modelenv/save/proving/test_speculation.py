"""A proof that is begun early changes nothing but the time: same folder, same account, same verdict."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv.base.settings import Settings
from modelenv.folder.documents import trace_file
from modelenv.folder.errors import NotPicklableError
from modelenv.save.proving.history import Outcome, ProofHistory
from modelenv.save.proving.speculation import HOLDS, THROWN_AWAY
from modelenv.seal.choose import this_machine
from modelenv.worker.errors import NotProvenError, RunFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelenv.save.account import Account

sealed = pytest.mark.skipif(
    sys.platform != "linux" or bool(this_machine().namespaces), reason="needs namespaces"
)

_VOLATILE = re.compile(r"^ *(model_uuid|utc_time_created|uuid|created): .*$", re.MULTILINE)


class Saves:
    """Saves of one model, with and without speculation, each in a folder of its own."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self._root = root
        self._patch = patch
        self._number = 0
        patch.setenv("MODELENV_CACHE_DIR", str(root / "cache"))
        self.told: list[str] = []

    @property
    def history(self) -> ProofHistory:
        return ProofHistory.default(Settings.from_environment())

    def __call__(self, model: Any, example: Any, *, on: bool, **options: Any) -> Account:
        self._number += 1
        self.told = []
        self._patch.setenv("MODELENV_SPECULATE", "auto" if on else "off")
        self.folder = self._root / str(self._number) / "model"
        self.folder.parent.mkdir()
        return modelenv.save_model(
            model, self.folder, input_example=example, report=self.told.append, **options
        )

    @property
    def outcome(self) -> str:
        """What became of what was begun: "holds", "thrown away"; empty: nothing was."""
        said = {HOLDS: "holds", THROWN_AWAY: "thrown away"}
        return " ".join(said[each] for each in self.told if each in said)


@pytest.fixture
def saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Saves:
    root = tmp_path / "saves"
    root.mkdir()
    return Saves(root, monkeypatch)


def same(one: Account, other: Account) -> None:
    """Hold two accounts equal, and the folders that they are of, but for times and places."""
    assert _told(one) == _told(other)
    assert one.verdict is not None
    assert other.verdict is not None
    assert replace(one.verdict, seconds=0.0) == replace(other.verdict, seconds=0.0)
    assert _files(one.path) == _files(other.path)
    assert _trace(one.path) == _trace(other.path)


def _told(account: Account) -> dict[str, Any]:
    told = account.to_json()
    assert set(told.pop("seconds")) >= {"trace", "prove"}
    told["proof"].pop("seconds", None)
    told["sizes"].pop("folder")  # the times that stand in it are not equally long
    text: str = json.dumps(told).replace(str(account.path), "FOLDER")
    return dict(json.loads(text))


def _files(folder: Path) -> dict[str, str]:
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and file.name != trace_file.FILE:
            text = file.read_bytes().decode("latin-1")
            found[str(file.relative_to(folder))] = _VOLATILE.sub("", text)
    return found


def _trace(folder: Path) -> Any:
    read = trace_file.TraceFile.read(folder)
    times = ("seconds", "own_seconds")
    imports = [{k: v for k, v in each.items() if k not in times} for each in read.imports]
    return read.python, imports, read.touches


Case = tuple[str, dict[str, str], dict[str, dict[str, str]], list[str]]
"""The body of ``predict``, further modules of the user's own, installed distributions, and what
becomes of what was begun with an empty history and with one."""

_SERVER = """
    import socket
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        server.bind(("127.0.0.1", 47811))
        server.listen()
        return [each + 1 for each in data]
"""
_WRITER = """
    import os, tempfile
    file = os.path.join(tempfile.gettempdir(), "notes.txt")
    with open(file, "x") as stream:
        stream.write("7")
    with open(file) as stream:
        found = int(stream.read())
    os.unlink(file)
    return [each + found for each in data]
"""
_STARTER = """
    import subprocess, sys
    said = subprocess.run([sys.executable, "-c", "print(5)"], capture_output=True, text=True)
    return [each + int(said.stdout) for each in data]
"""
_CHANCE = "import os; return [int.from_bytes(os.urandom(4), 'big') for each in data]"
_PROBING = "def warm():\n    try:\n        import tray\n    except ImportError:\n        return {}\n    return tray.held\n"

CASES: dict[str, Case] = {
    "plain": ("return [each + 1 for each in data]", {}, {}, ["holds", "holds"]),
    "a text": ("return {'said': str(data)}", {}, {}, ["holds", "holds"]),
    "own modules": (
        "from bakery import bread; return [bread.rise(each) for each in data]",
        {
            "bakery/__init__.py": "",
            "bakery/bread.py": "from .dough import rise",
            "bakery/dough.py": "from dial import turn\ndef rise(each):\n    return turn(each)",
        },
        {"dial": {"dial.py": "def turn(each):\n    return each * 2\n"}},
        ["holds", "holds"],
    ),
    "a late import": (
        "import dial; return [dial.turn(each) for each in data]",
        {},
        {"dial": {"dial.py": "def turn(each):\n    return each * 2\n"}},
        ["thrown away", "holds"],
    ),
    "optional and needed": (
        "from oven import warm; return [warm()['heat'] + each for each in data]",
        {},
        {"oven": {"oven.py": _PROBING}, "tray": {"tray.py": "held = {'heat': 3}\n"}},
        ["thrown away", "holds"],
    ),
    "optional and not needed": (
        "from oven import warm; warm(); return [each for each in data]",
        {},
        {"oven": {"oven.py": _PROBING}, "tray": {"tray.py": "held = {'heat': 3}\n"}},
        ["holds", "holds"],
    ),
    "a port": (_SERVER, {}, {}, ["holds", "holds"]),
    "a file": (_WRITER, {}, {}, ["holds", "holds"]),
    "a program": (_STARTER, {}, {}, ["holds", ""]),
    "chance": (_CHANCE, {}, {}, ["thrown away", ""]),
    "a pickle": ("return Model()", {}, {}, ["thrown away", ""]),
}
QUICK = ("own modules",)


def _made(case: Case, project: Any, site: Any) -> Any:
    body, modules, distributions, _ = case
    for name, files in distributions.items():
        site.install(name, files)
    for name, text in modules.items():
        project.write(name, text)
    if "import dial" not in body and "return {'said'" not in body:
        for name in [*modules, *(file for files in distributions.values() for file in files)]:
            importlib.import_module(
                name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            )
    return project.model(body)


@sealed
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CASES],
)
def test_a_save_with_it_is_the_save_without(
    name: str, saves: Saves, project: Any, own_site: Any
) -> None:
    case = CASES[name]
    model = _made(case, project, own_site)
    plain = saves(model, [1, 2], on=False)
    assert saves.outcome == ""
    for outcome in case[3]:
        early = saves(model, [1, 2], on=True)
        assert saves.outcome == outcome
        if name != "chance":
            same(early, plain)
