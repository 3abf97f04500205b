"""What the commands that only read promise: nothing of the folder runs, and nobody is asked.

The list stands in docs/folders.md. Each command reads a folder whose every piece would leave a mark
if it were run, in a process whose audit events are written down (PEP 578).
"""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.indexes import Indexes
from modelenv.edit.lock import named_hosts

from ..fuzz.grounds import write_pinned
from ..small_worlds import write_wheel

DOCS = Path(__file__).parents[2] / "docs" / "folders.md"

# Whom a command may start, and whether it writes into the folder that it is to change.
PROMISED: dict[str, list[str]] = {
    "inspect": ["inspect", "-m", "FOLDER"],
    "inspect --json": ["inspect", "-m", "FOLDER", "--json"],
    "requirements list": ["requirements", "list", "-m", "FOLDER"],
    "diff": ["diff", "FOLDER"],
    "diff of two": ["diff", "FOLDER", "FOLDER"],
    "why": ["why", "-m", "FOLDER", "alpha"],
    "why of a file": ["why", "-m", "FOLDER", "/data/words.txt"],
    "lock": ["lock", "-m", "FOLDER", "--index-url", "INDEX", "--find-links", "WHEELS"],
}
WRITES = {"lock"}
# dpkg is asked whose a file is; this interpreter's pip, how it is set up.
STARTS = {"why of a file": "/dpkg-query', '--search'", "lock": f"{sys.executable}', '-c', '"}

_WATCHED = """
import contextlib, io, json, os, sys

seen, folder = {}, sys.argv[1]
EFFECTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty",
           "os.spawn", "pty.spawn", "pickle.find_class", "socket.connect", "socket.getaddrinfo",
           "ctypes.dlopen", "webbrowser.open")
current = []

def hook(event, arguments):
    if event in EFFECTS:
        if event != "ctypes.dlopen" or arguments[0]:
            current.append(f"{event} {arguments!r:.300}")
    elif event == "open" and isinstance(arguments[0], str):
        path, mode, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path != os.devnull:
            current.append(f"writes {path}")
    elif event == "exec":
        name = getattr(arguments[0], "co_filename", "")
        if name.startswith(folder):
            current.append(f"runs {name}")
    elif event == "import" and str(arguments[1]).startswith(folder):
        current.append(f"imports {arguments[1]}")

sys.addaudithook(hook)
from modelenv.cli import main
for name, words in json.loads(sys.argv[2]).items():
    current = []
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            main(words)
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
    seen[name] = {"events": current, "code": code, "said": output.getvalue()}
print(json.dumps(seen))
"""


class Leaves:
    """A value whose pickle makes a folder where it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def write_marking(folder: Path, marks: Path) -> Path:
    """Write a folder of which whatever is run or loaded leaves a mark."""
    write_pinned(folder)
    pickled = pickle.dumps(Leaves(marks / "pickle"))
    module = f"import os; os.makedirs({str(marks / 'module')!r}, exist_ok=True)\n"
    for name in ("model.pkl", "input_example.pkl", "prediction.pkl", "artifacts/a.joblib"):
        (folder / name).write_bytes(pickled)
    for name in (
        *("code/own.py", "code/modelenv_pyfunc_loader.py", "code/sitecustomize.py", "code/yaml.py"),
        *("code/usercustomize.py", "code/conftest.py", "code/alpha.py", "yaml.py", "setup.py"),
    ):
        (folder / name).write_text(module)
    (folder / "code" / "own.pth").write_text(module)
    setup = write_wheel(folder / "wheels", "gamma", "1.0", modules={"gamma/__init__.py": module})
    assert setup.exists()
    return folder


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run every command on such a folder; return what happened, and what marks there are."""
    place = tmp_path_factory.mktemp("reading")
    marks = place / "marks"
    marks.mkdir()
    folder = write_marking(place / "folder", marks)
    (place / "index").mkdir()
    write_wheel(place / "wheels", "beta", "2.0")
    places = {"FOLDER": str(folder), "INDEX": (place / "index").as_uri()}
    places["WHEELS"] = str(place / "wheels")
    commands = {
        name: [places.get(word, word) for word in words] for name, words in PROMISED.items()
    }
    environment = {**os.environ, "MODELENV_CACHE_DIR": str(place / "cache")}
    ended = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(folder), json.dumps(commands)],
        capture_output=True,
        text=True,
        cwd=place,
        env=environment,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return {**found, "marks": [each.name for each in marks.iterdir()]}


@pytest.mark.parametrize("command", PROMISED)
def test_nothing_of_the_folder_runs(command: str, seen: dict[str, Any]) -> None:
    answer = seen[command]
    assert answer["code"] in (0, 1), answer["said"]
    events = answer["events"]
    if command in WRITES:
        events = [each for each in events if not each.startswith("writes ")]
    started = STARTS.get(command)
    if started is not None:
        events = [each for each in events if started not in each]
    assert events == []
    assert seen["marks"] == []


@pytest.mark.parametrize("command", ["inspect", "lock"])
def test_who_stands_in_the_folder_imports_nothing_of_it(command: str, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    folder = write_marking(tmp_path / "folder", marks)
    for name in ("json", "pip", "click", "typing", "subprocess", "email"):
        (folder / f"{name}.py").write_text((folder / "yaml.py").read_text())
    # No command replaces the folder that it stands in.
    read = write_marking(tmp_path / "other", marks) if command in WRITES else folder
    places = {"FOLDER": os.path.relpath(read, folder), "INDEX": marks.as_uri()}
    places["WHEELS"] = str(tmp_path / "wheels")
    write_wheel(tmp_path / "wheels", "beta", "2.0")
    words = [places.get(word, word) for word in PROMISED[command]]
    whole = [sys.executable, "-m", "modelenv", *words]
    environment = {**os.environ, "MODELENV_CACHE_DIR": str(tmp_path / "cache")}
    ended = subprocess.run(
        whole, capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert [*marks.iterdir()] == []


def test_a_lock_says_whom_the_folder_has_it_ask(tmp_path: Path) -> None:
    folder = write_pinned(tmp_path / "folder")
    lines = "--index-url https://me:word@a.invalid/simple\n--extra-index-url http://b.invalid:8/x\n"
    file = folder / "requirements.txt"
    file.write_text(lines + file.read_text())
    assert named_hosts(folder) == ("a.invalid", "b.invalid:8")
    assert named_hosts(folder, Indexes(index_url="https://c.invalid")) == ("b.invalid:8",)
    assert named_hosts(folder, Indexes(no_index=True)) == ()


def test_what_would_leave_a_mark_does(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    folder = write_marking(tmp_path / "folder", marks)
    pickle.loads((folder / "model.pkl").read_bytes())
    exec((folder / "code" / "own.py").read_text())
    assert sorted(each.name for each in marks.iterdir()) == ["module", "pickle"]


def test_what_is_promised_is_written_down() -> None:
    _, promise, *_ = DOCS.read_text("utf-8").split("\n## ")  # what follows has other tables
    listed = re.findall(r"^\| `([a-z ]+)` \|", promise, re.MULTILINE)
    assert set(listed) == {name.partition(" of ")[0].partition(" --")[0] for name in PROMISED}
