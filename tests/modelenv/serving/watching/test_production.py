"""A model that is served meets what its capture never saw, and `diagnose` says what mends it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.settings import Settings
from modelenv.cli import main
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.folder.model_folder import ModelFolder
from modelenv.seal.choose import SealRequest, this_machine
from modelenv.seal.seals import Wanted
from modelenv.serving.watching.expected import Expected
from modelenv.serving.watching.finding import Finding
from modelenv.serving.watching.production import read_production
from modelenv.serving.watching.unforeseen import Unforeseen
from modelenv.serving.watching.watch_log import WatchLog
from modelenv.serving.workers.process import ProcessLimits, ServingJob, start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")

MODEL = """
import json, os, socket, subprocess, tempfile

class Model:
    def predict(self, data):
        return [getattr(self, "do_" + each["word"])() for each in data]

    def do_hello(self):
        with tempfile.TemporaryDirectory() as folder, open(folder + "/x", "w") as file:
            file.write("x")
        return os.path.exists("/proc/self") and open("/dev/null").read()

    def do_lazily(self):
        import colorsys

    def do_missing(self):
        import cv2

    def do_caused(self):
        try:
            import tabulate_absent
        except ImportError as error:
            raise RuntimeError("install it") from error

    def do_name(self):
        from json import nosuchthing

    def do_version(self):
        import importlib.metadata
        importlib.metadata.version("kiln-absent")

    def do_library(self):
        import ctypes
        ctypes.CDLL("libkiln_absent.so.1")

    def do_flag(self):
        try:
            import simplejson_absent
        except ImportError:
            found = False
        if not found:
            raise ValueError("no json")

    def do_optional(self):
        try:
            import tensorflow
        except ImportError:
            return "without"

    def do_connect(self):
        try:
            socket.create_connection(("192.0.2.1", 80), timeout=0.1)
        except OSError:
            pass

    def do_read(self):
        open({file!r}).read()

    def do_start(self):
        try:
            subprocess.run(["/bin/cp", "--version"], stdout=subprocess.DEVNULL)
        except OSError:
            pass

model = Model()
"""


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command here: its exit code, and what it prints."""

    def run(*words: str) -> tuple[object, str, str]:
        code: object = 0
        try:
            main(list(words))
        except SystemExit as ended:
            code = ended.code or 0
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a model that does as it is told."""
    place = tmp_path_factory.mktemp("watched")
    (place / "outside.txt").write_text("words")
    script = place / "script.py"
    script.write_text(MODEL.format(file=str(place / "outside.txt")))
    example = [{"word": "hello"}]
    modelenv.save_model(script, place / "model", input_example=example, prove=False)
    return place / "model"


def told(folder: Path, *words: str, seal: Wanted = "off") -> tuple[Finding, ...]:
    """Serve a model, ask it with each word, and return what was found."""
    machine = this_machine()
    if seal == "namespaces" and machine.namespaces:
        pytest.skip("this machine has no namespaces")
    python = Python.current()
    installed = python.installed()
    model = ModelFolder.open(folder)
    request = SealRequest.read(seal)
    settings = Settings.from_environment()
    kept = WatchLog.of_folder(model, settings)
    kept.file.unlink(missing_ok=True)

    async def run(expected: Expected, interpreter: Any) -> Unforeseen:
        unforeseen = Unforeseen(expected, lambda _: None, kept)
        job = ServingJob.of(model, watch=expected.to_job())
        process = await start(job, interpreter, ProcessLimits(start=60))
        try:
            for word in ("hello", *words, "hello"):
                body = json.dumps({"dataframe_records": [{"word": word}]}).encode()
                answer, _ = await process.channel.ask({"content": "json"}, [body])
                unforeseen.heard(answer, word)
        finally:
            await process.end()
        return unforeseen

    wanted = model.wanted(python, installed)
    with opened(wanted, installed, settings, "replica", seal=request) as place:
        expected = Expected.of(model, root=place.interpreter.prefix, installed=place.installed)
        unforeseen = asyncio.run(run(expected, place.interpreter))
    unforeseen.settle()
    return unforeseen.findings


@pytest.mark.parametrize("seal", ["off", "namespaces"])
def test_only_what_the_capture_never_saw_is_told(folder: Path, seal: Wanted) -> None:
    words = ("hello", "lazily", "missing", "optional", "connect", "read", "start")
    found = {each.name: each for each in told(folder, *words, seal=seal)}
    file = str(folder.parent / "outside.txt")
    assert sorted(found) == sorted(["cv2", "tensorflow", "192.0.2.1:80", file, "/bin/cp"])
    assert {each.request: each.weight for each in found.values()} == {
        "missing": "missing",
        "optional": "optional",
        "connect": "outside",
        "read": "missing" if seal == "namespaces" else "outside",
        "start": "outside",
    }
    assert found["cv2"].by.startswith(str(folder))


@pytest.mark.skipif(sys.platform != "linux", reason="others name a library otherwise")
def test_a_request_that_fails_went_on_without_nothing(folder: Path) -> None:
    words = ("caused", "name", "version", "library", "flag")
    found = {each.request: each for each in told(folder, *words) if each.weight != "pinned"}
    assert {word: (each.kind, each.name, each.weight) for word, each in found.items()} == {
        "caused": ("imports", "tabulate_absent", "missing"),
        "name": ("imports", "json.nosuchthing", "missing"),
        "version": ("metadata", "kiln-absent", "missing"),
        "library": ("libraries", "libkiln_absent.so.1", "missing"),
        "flag": ("imports", "simplejson_absent", "perhaps"),
    }
    shown = read_production(ModelFolder.open(folder))
    assert len(shown.found) == 4
    assert "had looked for what is not there: simplejson_absent" in str(shown)


def test_diagnose_says_what_mends_it(folder: Path) -> None:
    told(folder, "missing", "missing", "connect")
    shown = read_production(ModelFolder.open(folder))
    assert not shown.good
    host, missing = sorted(shown.found, key=lambda each: each.subject)
    assert missing.problem == (
        "in production it imported cv2 (of opencv-python-headless), which is missing, and which the"
        " capture never saw"
    )
    assert missing.evidence[0].startswith("seen 2 times, first at 2")
    assert missing.evidence[0].endswith("with request missing")
    assert missing.evidence[1].startswith("2 requests failed for it")
    assert missing.remedy.startswith("modelenv requirements add -m ")
    assert missing.remedy.endswith(" opencv-python-headless")
    assert "allow_hosts= (--allow-host)" in host.remedy


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_tells_it_without_a_run(command: Any, folder: Path, as_json: bool) -> None:
    told(folder, "missing", "optional")
    options = ["--json"] if as_json else []
    code, out, _ = command("diagnose", "-m", str(folder), "--served", *options)
    assert code == 1
    if as_json:
        document = json.loads(out)
        assert [each["subject"] for each in document["found"]] == ["opencv-python-headless"]
        assert [each["name"] for each in document["lesser"]] == ["tensorflow"]
    else:
        assert "it looked for what is not there, and went on: tensorflow" in out
        assert "mend: modelenv requirements add" in out


def test_a_model_that_did_as_it_did_is_fine(command: Any, folder: Path) -> None:
    assert told(folder, "lazily") == ()
    code, out, _ = command("diagnose", "-m", str(folder), "--served")
    assert (code, out) == (0, "nothing that the capture had not seen\n")


def test_no_record_is_told_apart_from_nothing_found(
    command: Any, folder: Path, tmp_path: Path
) -> None:
    kept = WatchLog.of_folder(ModelFolder.open(folder), Settings.from_environment())
    kept.file.unlink(missing_ok=True)
    code, out, _ = command("diagnose", "-m", str(folder), "--served")
    assert (code, out) == (2, f"there is no record of production: {kept.file} does not exist\n")
    code, out, _ = command("diagnose", "-m", str(folder), "--served", "--json")
    assert (code, json.loads(out)["recorded"]) == (2, False)
    other = tmp_path / "other.json"
    for text in ("{}", "[", '{"schema": 9, "seen": []}'):
        other.write_text(text)
        words = ("diagnose", "-m", str(folder), "--served", "--watch-log", str(other))
        code, out, err = command(*words)
        assert (code, out) == (2, "")
        assert str(other) in err


def test_what_was_pinned_since_is_told_no_more(folder: Path, tmp_path: Path) -> None:
    (found,) = told(folder, "missing")
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    listed = copy / "conda.yaml"
    head = listed.read_text().partition("- pip:")[0].rstrip()
    listed.write_text(f"{head}\n- pip:\n  - opencv-python-headless==4.1\n")
    with (copy / "requirements.txt").open("a") as file:
        file.write("opencv-python-headless==4.1\n")
    log = WatchLog(tmp_path / "log.json")
    host = Finding(kind="hosts", name="b", weight="outside", count=1)
    log.add([found, host], {})
    shown = read_production(ModelFolder.open(copy), log.file)
    assert [each.subject for each in shown.found] == ["b"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--served"], "--served tells of a model folder"),
        (["--served", "-m", "FOLDER", "ModuleNotFoundError"], "--served tells of a model folder"),
        (["-m", "FOLDER", "--watch-log", "absent.json"], "there is no such file"),
        (["No module named 'x'", "--watch-log", "absent.json"], "--watch-log is of a model"),
        (["-m", "FOLDER", "failure", "--watch-log", "x.json"], "--watch-log is of a model"),
    ],
)
def test_wrong_use_is_said(command: Any, folder: Path, options: list[str], said: str) -> None:
    words = [str(folder) if word == "FOLDER" else word for word in options]
    code, _, err = command("diagnose", *words)
    assert code == 2
    assert said in err
