"""A proof that is begun early changes the time alone: same folder, same account and verdict."""

from __future__ import annotations

import importlib
import json
import re
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv.base.settings import Settings
from modelenv.folder.documents import trace_file
from modelenv.folder.errors import NotPicklableError
from modelenv.save.proving.history import ProofHistory
from modelenv.save.proving.speculation import HOLDS, THROWN_AWAY
from modelenv.save.proving.worthwhile import Room, why_not
from modelenv.save.request.plan import SavePlan
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

    def __call__(
        self,
        model: Any,
        example: Any,
        *,
        on: bool,
        after: Callable[[str], None] = lambda _: None,
        **options: Any,
    ) -> Account:
        self._number += 1
        self.told = []
        self._patch.setenv("MODELENV_SPECULATE", "auto" if on else "off")
        self.folder = self._root / str(self._number) / "model"
        self.folder.parent.mkdir()

        def report(said: str) -> None:
            self.told.append(said)
            after(said)

        return modelenv.save_model(
            model, self.folder, input_example=example, report=report, **options
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
    import subprocess
    said = subprocess.run(["/bin/echo", "5"], capture_output=True, text=True)
    return [each + int(said.stdout) for each in data]
"""
_FORKER = """
    import multiprocessing
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(abs, data)
"""
_CHANCE = "import os; return [int.from_bytes(os.urandom(4), 'big') for each in data]"
_PROBING = """
def warm():
    try:
        import tray
    except ImportError:
        return {}
    return tray.held
"""

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
    "an import as it predicts": (
        "import dial; return [dial.turn(each) for each in data]",
        {},
        {"dial": {"dial.py": "def turn(each):\n    return each * 2\n"}},
        ["holds", "holds"],
    ),
    "a late import": (
        "from late import turn; return [turn(each) for each in data]",
        {"late.py": "def turn(each):\n    from dial import turn\n    return turn(each)\n"},
        {"dial": {"dial.py": "def turn(each):\n    return each * 2\n"}},
        ["holds", "holds"],
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
    "a process": (_FORKER, {}, {}, ["holds", ""]),
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
    if "dial" not in distributions or "bakery/__init__.py" in modules:  # else it is not loaded yet
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


@sealed
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["scikit-learn", "numpy", "pandas", "by value"])
def test_real_models_are_guessed_with_an_empty_history(
    kind: str, saves: Saves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")  # else numpy imports its parts in any order
    model, example = _real(kind)
    plain = saves(model, example, on=False)
    for _ in range(2):
        early = saves(model, example, on=True)
        assert saves.outcome == "holds"
        same(early, plain)


def _real(kind: str) -> tuple[Any, Any]:
    import numpy as np
    import pandas as pd
    from sklearn.datasets import load_wine
    from sklearn.naive_bayes import GaussianNB

    features, kinds = load_wine(return_X_y=True, as_frame=kind == "pandas")
    if kind in ("scikit-learn", "pandas"):
        return GaussianNB().fit(features, kinds), features[:5]
    if kind == "numpy":
        return np.poly1d([1, 2]), features[:5]
    names: dict[str, Any] = {"__name__": "__main__", "pd": pd, "np": np}
    exec("def predict(data):\n    return pd.DataFrame({'sorted': np.sort(data)})\n", names)
    return names["predict"], np.arange(5)


_FAILING_ONCE = """
    import os
    if os.path.exists({mark!r}):  # no seal shows it
        os.unlink({mark!r})
        raise RuntimeError("the port is taken")
    return [each + 1 for each in data]
"""


@sealed
@pytest.mark.slow
def test_a_run_that_fails_beside_it_is_done_again_alone(
    saves: Saves, project: Any, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    model = project.model(_FAILING_ONCE.format(mark=str(mark)))
    with pytest.raises(RunFailedError, match="the port is taken"):
        saves(model, [1], on=False)
    mark.touch()
    assert saves(model, [1], on=True).verdict
    assert saves.outcome == ""


@sealed
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ValueError", "TypeError", "RuntimeError"])
def test_only_what_a_resource_may_cause_is_done_again(
    saves: Saves, project: Any, tmp_path: Path, kind: str
) -> None:
    runs = tmp_path / "runs"
    model = project.model(f"""
    if "never" not in data:
        try:
            open({str(runs)!r}, "a").write("run ")
        except OSError:  # it is sealed
            pass
        raise {kind}("not such data")
    """)
    with pytest.raises(RunFailedError, match=f"{kind}: not such data") as caught:
        saves(model, [1], on=True)
    assert runs.read_text().count("run") == (2 if kind == "RuntimeError" else 1)
    assert caught.value.__context__ is None


@sealed
@pytest.mark.slow
@pytest.mark.parametrize("how", ["a", "w", "beside it"])
def test_what_the_traced_run_changed_is_proven_as_it_is_then(
    saves: Saves, project: Any, tmp_path: Path, how: str
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("5")
    name, mode = ("more.txt", "w") if how == "beside it" else ("notes.txt", how)
    source = f"""
        import os
        class Model:
            def load_context(self, context):
                self.file = context.artifacts["notes"]
            def predict(self, data):
                with open(self.file) as stream:
                    said = stream.read()
                try:
                    with open(os.path.join(os.path.dirname(self.file), {name!r}), {mode!r}) as out:
                        out.write("5")
                except OSError:  # it is sealed
                    pass
                return [int(said[0]) + each for each in data]
    """
    model = project.get("noting", source, "Model")()
    plain = saves(model, [1], on=False, artifacts={"notes": notes})
    early = saves(model, [1], on=True, artifacts={"notes": notes})
    assert saves.outcome == "thrown away"
    same(early, plain)


@sealed
@pytest.mark.slow
def test_what_took_too_long_is_refused_though_it_has_ended(
    saves: Saves, project: Any, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    model = project.model(
        f"import os, time; time.sleep(0 if os.path.exists({str(mark)!r}) else 4); return data"
    )

    def wait(said: str) -> None:
        if said == "choosing the versions":
            time.sleep(5)

    told = []
    for on in (False, True):
        with pytest.raises(NotProvenError, match="did not end within 3 s") as caught:
            saves(model, [1], on=on, timeout=3, after=wait)
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert saves.outcome == "thrown away"


@sealed
@pytest.mark.slow
def test_what_fails_for_itself_fails_alike(saves: Saves, project: Any) -> None:
    told = []
    for on in (False, True):
        model = project.get(
            "shaky", "class Model:\n    def predict(self, data):\n        1 / 0\n", "Model"
        )()
        with pytest.raises(RunFailedError) as caught:
            saves(model, [1], on=on)
        told.append(str(caught.value))
        assert list(saves.folder.parent.iterdir()) == []
    assert told[0] == told[1]


@sealed
@pytest.mark.slow
def test_a_run_that_hangs_is_waited_for_once(saves: Saves, project: Any) -> None:
    model = project.model("import time; time.sleep(60); return data")
    began = time.monotonic()
    with pytest.raises(RunFailedError, match="did not end within 5 s"):
        saves(model, [1], on=True, timeout=5)
    assert time.monotonic() - began < 9


@sealed
@pytest.mark.slow
def test_what_is_not_proven_is_refused_alike(saves: Saves, project: Any) -> None:
    file = project.write("facts.txt", "7")
    model = project.model(f"return [int(open({str(file)!r}).read()) for each in data]")
    told = []
    for on in (False, True):
        with pytest.raises(NotProvenError) as caught:
            saves(model, [1], on=on)
        told.append(str(caught.value))
        assert list(saves.folder.parent.iterdir()) == []
    assert told[0] == told[1]
    assert saves.outcome == "thrown away"


def test_nothing_is_begun_of_what_cannot_be_pickled(saves: Saves) -> None:
    held = threading.Lock()
    with pytest.raises(NotPicklableError):
        saves(lambda data, held=held: data, [1], on=True)
    assert saves.history.entries() == []


@sealed
@pytest.mark.slow
@pytest.mark.parametrize("stage", ["finding out whose files these are", "choosing the versions"])
def test_an_interrupt_leaves_nothing(
    saves: Saves, project: Any, tmp_path: Path, stage: str
) -> None:
    (tmp_path / "here").touch()  # no seal shows it
    here = f"os.path.exists({str(tmp_path / 'here')!r})"
    model = project.model(f"import os, time; time.sleep(0 if {here} else 60); return data")

    def interrupted(said: str) -> None:
        if said == stage:
            assert _processes(tmp_path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        modelenv.save_model(model, tmp_path / "model", input_example=[1], report=interrupted)
    assert _processes(tmp_path) == []
    assert not (tmp_path / "model").exists()


def _processes(folder: Path) -> list[str]:
    """Return the command lines of processes that name a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = file.read_bytes().decode("utf-8", "replace")
            found += [line] if str(folder) in line else []
    return found


# When it may be done.


def _reason(room: Room, size: int = 1000, **options: Any) -> str:
    plan = SavePlan.checked("model", **options)
    return why_not(plan, Settings.from_environment(), room, size)


ROOMY = Room(cores=2, memory=2**40)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces")
def test_a_save_as_most_are_may_begin_early() -> None:
    assert _reason(ROOMY) == ""


@pytest.mark.parametrize(
    ("room", "size", "options"),
    [
        (Room(cores=1, memory=2**40), 1000, {}),
        (Room(cores=2, memory=2**29), 1000, {}),
        (Room(cores=2, memory=2**31), 2**28, {}),
        (ROOMY, 2**29, {}),
        (ROOMY, 1000, {"prove": False}),
        (ROOMY, 1000, {"trace_in_process": True}),
        (ROOMY, 1000, {"seal": "off"}),
        (ROOMY, 1000, {"seal": "watch"}),
        (ROOMY, 1000, {"allow_hosts": "example.org"}),
        (ROOMY, 1000, {"allow_paths": "/usr"}),
        (ROOMY, 1000, {"carry": "touched"}),
        (ROOMY, 1000, {"bundle": "edited"}),
    ],
    ids=str,
)
def test_a_save_that_may_not(room: Room, size: int, options: dict[str, Any]) -> None:
    assert _reason(room, size, **options)


def test_the_user_turns_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELENV_SPECULATE", "off")
    assert _reason(ROOMY) == "MODELENV_SPECULATE=off"


def test_this_machine_has_cores_and_memory() -> None:
    here = Room.here()
    assert here.cores >= 1
    assert here.memory > 2**20
