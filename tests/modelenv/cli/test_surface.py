"""The command as people meet it: a program with a help, inputs of many kinds, and signals."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.cli import main
from modelenv.cli.commands import COMMANDS

from ..conftest import made_once

HOME = Path(modelenv.__file__).parent.parent


def started(*words: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    further = options.pop("environment", {})
    return subprocess.Popen(
        [sys.executable, "-m", "modelenv", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HOME), **further},
        **options,
    )


def run(*words: str | Path, given: bytes = b"", **options: Any) -> tuple[int, str, str]:
    process = started(*words, stdin=subprocess.PIPE, **options)
    out, err = process.communicate(given, timeout=120)
    return process.returncode, out.decode(), err.decode()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model that takes what it is given and returns a number."""
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model("return len(data)"), folder, input_example=[1, 2])
    return folder


@pytest.fixture
def folder(template: Path, target: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, target))


def code_of(arguments: list[str]) -> object:
    """Return what the command ends with, which need not be an exit."""
    try:
        main(arguments)
    except SystemExit as ended:
        return ended.code
    return 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_teaches_by_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not code_of([name, "--help"])
    assert f"  Examples:\n    modelenv {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["cache", "fleet", "requirements"])
def test_no_line_of_a_group_s_help_is_cut_off(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not code_of([name, "--help"])
    listed = capsys.readouterr().out.partition("\nCommands:\n")[2].splitlines()
    assert len(listed) > 2
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_a_program_has_it_too() -> None:
    code, out, _ = run("verify", "--help")
    assert code == 0
    assert "  Examples:\n    modelenv verify" in out


# The program and the tracer


def test_a_traced_program_keeps_its_words_its_output_and_its_code(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import colorsys, sys\nprint(sys.argv[1:])\nsys.exit(7)\n")
    code, out, err = run("trace", script, "--tree", "-o", "x", "--json")
    assert (code, out) == (7, "['--tree', '-o', 'x', '--json']\n")
    assert "colorsys" in err
    file = tmp_path / "trace.jsonl"
    code, out, err = run("trace", "-o", file, "-c", "import colorsys")
    assert (code, out, err) == (0, "", "")
    names = {json.loads(line).get("name") for line in file.read_text().splitlines()}
    assert "colorsys" in names
    code, _, err = run("trace", "--json", "-c", "import colorsys")
    assert json.loads(err.splitlines()[0])["trace"]


def test_a_trace_of_nothing_is_wrong_use(tmp_path: Path) -> None:
    for words in ((), ("-o", str(tmp_path / "absent" / "file"), "-c", "1")):
        code, out, err = run("trace", *words)
        assert (code, out) == (2, "")
        assert "Traceback" not in err


# Inputs


def test_standard_input_is_what_it_is_told_to_be(folder: Path, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    numpy.save(tmp_path / "three.npy", numpy.arange(3))
    over = ("--pip-requirements-override", "numpy")
    npy = (tmp_path / "three.npy").read_bytes()
    code, out, err = run("predict", "-m", folder, "-t", "npy", "-i", "-", *over, given=npy)
    assert (code, json.loads(out)) == (0, {"predictions": 3}), err
    code, out, _ = run("predict", "-m", folder, "-i", "-", given=b"[1, 2, 3, 4]")
    assert (code, json.loads(out)) == (0, {"predictions": 4})
    (tmp_path / "data.txt").write_text("[1]")
    code, out, _ = run("predict", "-m", folder, "-t", "json", "-i", tmp_path / "data.txt")
    assert (code, json.loads(out)) == (0, {"predictions": 1})


def test_a_csv_for_a_model_of_arrays_needs_no_pandas(
    project: Any, target: Path, tmp_path: Path
) -> None:
    numpy = pytest.importorskip("numpy")
    model = project.model("return [data.dtype.str, data.tolist()]")
    modelenv.save_model(model, target, input_example=numpy.ones((2, 2)))
    file = tmp_path / "rows.csv"
    file.write_text("a,b\n1,2.5\n3,4\n")
    code, out, err = run("predict", "-m", target, "-i", file)
    assert (code, err) == (0, "")
    assert json.loads(out)["predictions"] == ["<f8", [[1.0, 2.5], [3.0, 4.0]]]
    file.write_text("a,b\n1,two\n")
    code, out, err = run("predict", "-m", target, "-i", file)
    assert (code, out) == (2, "")
    assert "rows.csv: column 1, row 0 (line 2): 'two' is no number" in err


def test_a_reader_that_is_missing_is_named_with_the_way_to_have_it(
    project: Any, target: Path, tmp_path: Path
) -> None:
    with pytest.warns(UserWarning, match="no input_example"):  # so that nothing tells the types
        modelenv.save_model(project.model("return len(data)"), target)
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    code, _, err = run("predict", "-m", target, "-i", tmp_path / "rows.parquet")
    assert code == 2
    assert "--pip-requirements-override pandas adds it" in err


# What people paste


@pytest.mark.parametrize("given", ["-", pytest.param(None, marks=pytest.mark.slow)])
def test_an_error_s_line_comes_in_any_way(given: str | None, tmp_path: Path) -> None:
    line = "ModuleNotFoundError: No module named 'cv2'"
    file = tmp_path / "an error.txt"
    file.write_text(line)
    ways: list[tuple[list[str], bytes]] = [
        ([line], b""),
        (line.split(), b""),
        ([str(file)], b""),
        ([] if given is None else [given], line.encode()),
    ]
    for words, piped in ways:
        code, out, err = run("diagnose", "--json", *words, given=piped)
        assert (code, err) == (1, "")
        assert json.loads(out)["subject"] == "opencv-python-headless"


def test_a_line_is_diagnosed_with_what_the_folder_knows(folder: Path) -> None:
    code, out, _ = run("diagnose", "-m", folder, "No module named 'cv2'")
    assert code == 1
    assert f"mend: modelenv requirements add -m {folder} opencv-python-headless" in out


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("Killed", "the run had not enough memory"),
        ("cv2", "nothing is known of what it says: cv2"),
        ("MemoryError", "the run had not enough memory"),
        ("JAVA_GATEWAY_EXITED", "the program java is missing"),
    ],
)
def test_one_word_that_is_no_file_is_what_an_error_says(word: str, problem: str) -> None:
    code, out, err = run("diagnose", word)
    assert (code, err) == (1, "")
    assert out.startswith(problem)


def test_what_is_piped_in_beside_a_model_is_not_read_and_that_is_said(folder: Path) -> None:
    code, out, err = run("diagnose", "-m", folder, given=b"No module named 'cv2'")
    assert (code, "cv2" in out) == (0, False)
    assert err.count("standard input is not read: give - ") == 1


@pytest.mark.parametrize(
    "words", [["absent.txt"], ["absent.log"], ["./absent"], ["a/run.jsonl"], [""], ["."], []]
)
def test_a_path_that_is_none_is_no_error_s_line(words: list[str]) -> None:
    code, out, err = run("diagnose", *words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


# Second opinions


def test_the_index_is_asked_where_it_is_wanted(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    environment = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
    }
    with (folder / "requirements.txt").open("a") as file:
        file.write("packaging==" + pytest.importorskip("packaging").__version__ + "\n")
    code, out, err = run("verify", "-m", folder, "--index", environment=environment)
    assert (code, err) == (1, "")
    assert "index: packaging" in out
    code, out, _ = run("verify", "-m", folder, "--index", "--json", environment=environment)
    assert code == 1
    assert json.loads(out)["index"]["asked"] == 1


def test_what_the_index_says_is_told_where_nothing_can_be_built(
    folder: Path, tmp_path: Path
) -> None:
    with (folder / "requirements.txt").open("a") as file:
        file.write("nowhere==1.0\n")
    environment = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "",
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
    }
    manager = ("--env-manager", "replica")
    code, out, err = run("verify", "-m", folder, "--index", *manager, environment=environment)
    assert (code, out) == (2, "")
    first, second, *_ = err.splitlines()
    assert first.startswith("index: nowhere 1.0: no index")
    assert second.startswith("modelenv: ")


def test_an_index_that_is_down_is_3(folder: Path) -> None:
    with (folder / "requirements.txt").open("a") as file:
        file.write("packaging==" + pytest.importorskip("packaging").__version__ + "\n")
    environment = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "MODELENV_CACHE_DIR": str(folder.parent.parent / "pages"),
    }
    code, out, err = run("verify", "-m", folder, "--index", environment=environment)
    assert (code, out) == (3, "")
    assert err.startswith("modelenv: http://127.0.0.1:9/simple/packaging/")


def test_pip_reads_what_is_installed_as_we_do(folder: Path) -> None:
    pytest.importorskip("pip")
    with (folder / "requirements.txt").open("a") as file:
        file.write("packaging==" + pytest.importorskip("packaging").__version__ + "\n")
    code, out, err = run("verify", "-m", folder, "--deep")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "pip: agrees on all that was asked (1)"


# Whose fault it is


@pytest.mark.parametrize("body", ["raise ValueError('not mine')", "import sys; sys.exit(0)"])
def test_a_function_that_raises_is_an_answer_that_is_no(body: str, tmp_path: Path) -> None:
    (tmp_path / "own_build.py").write_text(f"def build():\n    {body}\n")
    code, out, err = run("save", "own_build:build", "-o", tmp_path / "model", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert "own_build:build raised" in err
    assert "own_build.py:2" in err


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.parametrize(
    ("name", "code", "seal"),
    [
        ("SIGINT", 130, "auto"),
        ("SIGTERM", 143, "auto"),
        ("SIGTERM", 143, "off"),
        pytest.param("SIGHUP", 129, "auto", marks=pytest.mark.slow),
        pytest.param("SIGINT", 130, "off", marks=pytest.mark.slow),
        pytest.param("SIGHUP", 129, "off", marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_the_model_and_its_files_too(
    name: str, code: int, seal: str, folder: Path, ends: Any, temporary: Path
) -> None:
    source = "import time\nclass Model:\n    def predict(self, data):\n        time.sleep(600)\n"
    (folder / "code" / "own_model.py").write_text(source)
    # In the background, or under nohup, it is ignored, and a child inherits that.
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)
    try:
        process = started("predict", "-m", folder, "--seal", seal, start_new_session=True)
    finally:
        signal.signal(number, before)
    limit = time.monotonic() + 60
    while not (found := _workers(temporary)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert found
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code, err.decode()
    assert b"Traceback" not in err
    assert all(map(ends, found))
    assert list(temporary.iterdir()) == []


def _workers(temporary: Path) -> list[int]:
    """Return the processes that were told of a job below `temporary`, in a seal or not."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = os.fsdecode((folder / "cmdline").read_bytes())
            if f"{temporary}/" in command and "job.json" in command:
                found.append(int(folder.name))
    return found
