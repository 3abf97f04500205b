"""False statements in a folder: each is answered in words, in time, and runs nothing."""

from __future__ import annotations

import json
import os
import pickle
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from modelenv.cli import main

from ...fuzz.grounds import write_mlflow, write_pickles, write_pinned, write_uv

if TYPE_CHECKING:
    from collections.abc import Callable

    Lie = Callable[[Path], object]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and links are those of Unix")


def text(name: str, content: str | bytes) -> Lie:
    """Replace what a file says."""
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(data)


def edited(name: str, *changes: str) -> Lie:
    """Replace parts of what a file says, each by the one after it."""

    def lie(folder: Path) -> None:
        said = (folder / name).read_text("utf-8")
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in said
            said = said.replace(old, new)
        (folder / name).write_text(said, "utf-8")

    return lie


def put(value: object, *keys: str | int, name: str = "MLmodel") -> Lie:
    """Put a value at a key of MLmodel or of a JSON file."""

    def lie(folder: Path) -> None:
        file = folder / name
        document = yaml.safe_load(file.read_text("utf-8"))
        place: Any = document
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
        file.write_text(json.dumps(document), "utf-8")

    return lie


def instead(name: str, make: Callable[[Path], object]) -> Lie:
    """Put something of another kind in a file's place."""

    def lie(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return lie


def link(name: str, target: str) -> Lie:
    return instead(name, lambda file: file.symlink_to(target))


def large(file: Path) -> None:
    """Write a file of 100 MB that takes no room."""
    with file.open("wb") as stream:
        stream.truncate(100_000_000)


OURS = ("flavors", "modelenv")
FUNCTION = ("flavors", "python_function")
NESTED = "[" * 200 + "]" * 200
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 10)}]\n"
    for old, new in zip("abcde", "bcdef", strict=True)
)

# What is done to the folder, the command, what the answer names.
MLMODEL: list[tuple[Lie, str]] = [
    (instead("MLmodel", os.mkfifo), "MLmodel: is no file"),
    (instead("MLmodel", Path.mkdir), "MLmodel: is no file"),
    (link("MLmodel", "/dev/zero"), "MLmodel: is no file"),
    (link("MLmodel", "/etc/hostname"), "leads out of the folder, to /etc/hostname: put a copy"),
    (link("MLmodel", "/proc/self/status"), "leads out of the folder"),
    (link("MLmodel", "MLmodel"), "Too many levels of symbolic links"),
    (instead("MLmodel", large), "larger than any such file is"),
    (text("MLmodel", NESTED), "MLmodel:1: nested deeper"),
    (text("MLmodel", LAUGHS), "holds more than 30,000 values"),
    (text("MLmodel", b"\xff\xfea"), "MLmodel"),
    (text("MLmodel", "a: *b"), "*b names no value"),
    (text("MLmodel", "a: 2026-13-45"), "MLmodel:1: not YAML: 2026-13-45 is no date or time"),
    (text("MLmodel", "- 1\n- 2026-02-31"), "MLmodel:2: not YAML: 2026-02-31 is no date"),
    (text("MLmodel", "a: !!bool perhaps"), "perhaps is neither true nor false"),
    (text("MLmodel", "a: !!int many"), "many is no whole number"),
    (text("MLmodel", f"a: {'9' * 5000}"), "is a number of more than 400 digits"),
    (text("MLmodel", f"a: 0x{'f' * 5000}"), "is a number of more than 400 digits"),
    (text("MLmodel", "a: !!python/object/apply:os.getpid []"), "could not determine"),
    (put([], *OURS), "flavors.modelenv is no mapping"),
    (put(True, *OURS, "format"), "format True is not one"),
    (put("yes", *OURS, "deterministic"), "deterministic is neither true nor false"),
    (put(1, *OURS, "version"), "flavors.modelenv.version is no text"),
    (put(3.1, *FUNCTION, "python_version"), "python_version is no text"),
    (put([1], *OURS, "left_out"), "left_out is no mapping of texts"),
    (put({"a": 1}, *OURS, "environment"), "environment is no mapping of texts"),
    (put({"LD_LIBRARY_PATH": "."}, *OURS, "environment"), "environment.LD_LIBRARY_PATH is no"),
    (put({"PYTHONPATH": "."}, *OURS, "environment"), "environment.PYTHONPATH is no variable"),
    (put({"PATH": "."}, *OURS, "environment"), "environment.PATH is no variable"),
    (put({"tz": "UTC"}, *OURS, "environment"), "environment.tz is no variable"),
    (put({"A=B": "UTC"}, *OURS, "environment"), "environment.A=B is no variable"),
    (put({"TZ": "a\0b"}, *OURS, "environment"), "environment.TZ has a null byte"),
    (put({"a": None}, *OURS, "sha256"), "sha256 is no mapping of texts"),
    (put("a", *OURS, "compared"), "compared is no list of texts"),
    (put([1], *OURS, "provided"), "provided is no list of texts"),
    (put({}, *OURS, "allow_hosts"), "allow_hosts is no list of texts"),
    (put([[]], *OURS, "allow_paths"), "allow_paths is no list of texts"),
    (put("fine", *OURS, "proof"), "proof is no mapping of texts"),
    (put(5, *OURS, "input"), "flavors.modelenv.input does not describe a value"),
    (put({"type": "examples", "items": [1]}, *OURS, "input"), "input.items[0] does not describe"),
    (put({"type": "list", "items": 5, "file": "x"}, *OURS, "input"), "input.items is no list"),
    (put("int64", *OURS, "input", "dtypes"), "input.dtypes is no list of texts"),
    (put("../x", *OURS, "input", "file"), "input.file leads out of the folder: '../x'"),
    (put("/proc/self/environ", *OURS, "prediction", "file"), "prediction.file leads out"),
    (put("..", *FUNCTION, "data"), "data leads out of the folder"),
    (put("a/b", *FUNCTION, "loader_module"), "loader_module leads out of the folder"),
    (put("../pylock.toml", *OURS, "lock"), "lock leads out of the folder"),
    (put(None, "model_uuid"), "model_uuid is no text"),
    (put(2026, "utc_time_created"), "utc_time_created is no text"),
    (put([1], "metadata"), "metadata is no mapping"),
    (put("x", "signature"), "signature is no mapping"),
]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a command; return its exit code, and all that it said."""

    def asked(*words: str | Path) -> tuple[int, str]:
        code: object = 0
        try:
            main([*map(str, words)])
        except SystemExit as ended:
            code = ended.code or 0
        said = "".join(capsys.readouterr())
        assert "Traceback" not in said
        assert isinstance(code, int)
        return code, said

    return asked


@pytest.mark.parametrize(("lie", "answer"), MLMODEL)
def test_an_mlmodel_that_lies(lie: Lie, answer: str, tmp_path: Path, ask: Any) -> None:
    folder = write_pinned(tmp_path / "m")
    lie(folder)
    code, said = ask("inspect", "-m", folder)
    assert code == 2
    assert answer in said
    assert str(folder / "MLmodel") in said


TRACE: list[tuple[Lie, str]] = [
    (text("trace.json", '{"imports": [{"na'), "is no JSON at line 1, column 15"),
    (text("trace.json", b'{"a": "\xff"}'), "is not UTF-8 at byte 8"),
    (text("trace.json", NESTED), "nested deeper"),
    (text("trace.json", "9" * 5000), "is no such JSON as is read here"),
    (text("trace.json", "[1]"), "what it holds is no mapping"),
    (instead("trace.json", os.mkfifo), "is a pipe, and no file"),
    (instead("trace.json", Path.mkdir), "is a folder, and no file"),
    (link("trace.json", "/dev/zero"), "is a link"),
    (instead("trace.json", large), "larger than any such file is"),
    (text("trace.json", "[" + "[]," * 310_000 + "1]"), "holds more than 300,000 values"),
    (put(7, "schema", name="trace.json"), "schema 7 is newer than what this modelenv reads (2)"),
    (put("1", "schema", name="trace.json"), "schema is no whole number"),
    (put(3.11, "python", name="trace.json"), "python is no text"),
    (put({}, "imports", name="trace.json"), "imports is no list"),
    (put(5, "imports", 1, name="trace.json"), "imports[1] is no mapping"),
    (put({}, "imports", 0, name="trace.json"), "the key imports[0].name is missing"),
    (put(True, "imports", 0, "name", name="trace.json"), "imports[0].name is no text"),
    (put(1, "imports", 0, "file", name="trace.json"), "imports[0].file is no text"),
    (put("a\0b", "imports", 0, "file", name="trace.json"), "file is no name that a file can"),
    (put("yes", "imports", 0, "loaded", name="trace.json"), "loaded is neither true nor false"),
    (put("7", "imports", 1, "line", name="trace.json"), "imports[1].line is no whole number"),
    (put([], "imports", 1, "how", name="trace.json"), "imports[1].how is no text"),
    (put("x", "imports", 1, "seconds", name="trace.json"), "seconds is no number"),
    (put("spell", "touches", 0, "kind", name="trace.json"), "kind is none of file, library"),
    (put(None, "touches", 0, "name", name="trace.json"), "touches[0].name is no text"),
    (put({}, "touches", 0, "importer", name="trace.json"), "touches[0].importer is no text"),
]


def short(*seen: object, shapes: object = (["", ".py"],), **further: object) -> Lie:
    """Replace the trace by one of schema 2 with these imports."""
    document = {"schema": 2, "files": shapes, "imports": [{"phase": "load", "seen": [*seen]}]}
    return text("trace.json", json.dumps(document | further))


FIRST, DEEP = [0, "a", 0, None, 1], ".".join("a" * 2_000)
TRACE += [
    (text("trace.json", '{"schema": 2}'), "the key imports is missing"),
    (text("trace.json", '{"schema": 2, "imports": []}'), "the key files is missing"),
    (text("trace.json", '{"schema": 2, "imports": [[]], "files": []}'), "imports[0] is no mapping"),
    (put(2, "schema", name="trace.json"), "the key files is missing"),
    (short(5), "imports[0].seen[0] is no list"),
    (short([0, "a"]), "imports[0].seen[0] has 2 items; an import has 5 or 6"),
    (short([1, "a", 0, None, 1]), "seen[0][0] is more than the name before has: 1"),
    (short(FIRST, [-1, "a", 0, None, 1]), "seen[1][0] is more than the name before has: -1"),
    (short([0.0, "a", 0, None, 1]), "seen[0][0] is no whole number"),
    (short([0, None, 0, None, 1]), "seen[0][1] is no text"),
    (short([0, "a", 1, None, 1]), "seen[0][2] is no shape of a file: 1"),
    (short([0, "a", -1, None, 1]), "seen[0][2] is no shape of a file: -1"),
    (short([0, "a", "a.py", None, 1]), "seen[0][2] is no whole number"),
    (short([0, "a\0", 0, None, 1]), "seen[0][2] is no name that a file can have"),
    (short([0, "a", 0, 0, 1]), "seen[0][3] leads to no importer: 0"),
    (short(FIRST, [0, "b", 0, 1, 1]), "seen[1][3] leads to no importer: 1"),
    (short(FIRST, [0, "b", 0, 10**12, 1]), "leads to no importer: 1000000000000"),
    (short([0, "a", 0, {}, 1]), "seen[0][3] is no whole number"),
    (short([0, "a", 0, None, "1"]), "seen[0][4] is no whole number"),
    (short([*FIRST, 7]), "seen[0][5] is no mapping"),
    (short([*FIRST, {"how": 7}]), "seen[0][5].how is no text"),
    (short([*FIRST, {"importer_file": "\0"}]), "importer_file is no name that a file can have"),
    (short(FIRST, shapes=[["a"]]), "files[0] is neither a file nor what is before and after"),
    (short(FIRST, shapes=[["", "\0"]]), "files[0][1] is no name that a file can have"),
    (short(FIRST, shapes=[7]), "files[0] is no list"),
    (
        short([0, DEEP, 0, None, 1], *[[1999, "b", 0, None, 1]] * 3_000),
        "than 16,000,000 characters",
    ),
    (short(*[FIRST] * 25_001), "it has more than 25,000 imports"),
    (short(FIRST, *[FIRST] * 200, shapes=[["", "b" * 90_000]]), "more than 16,000,000 characters"),
]


def took(whole: object, own: object = (1,), estimated: object = (), phase: str = "load") -> Lie:
    """Say how long the one import of a trace took."""
    columns = {"all": whole, "own": own, "estimated": estimated}
    return short(FIRST, times={phase: columns})


TRACE += [
    (short(FIRST, times=[]), "times is no mapping"),
    (short(FIRST, times={"load": [[1], [1]]}), "times.load is no mapping"),
    (short(FIRST, times={"load": {"all": [1]}}), "the key times.load.own is missing"),
    (took({}), "times.load.all is no list"),
    (took([]), "times.load.all has not one item for each of 1 modules"),
    (took([1], own=[1, 1]), "times.load.own has not one item for each of 1 modules"),
    (took([1], phase="predict"), "times.predict.all has not one item for each of 0 modules"),
    (took([0.5]), "times.load.all holds what is no whole number up to 1000000000000: 0.5"),
    (took([True]), "no whole number up to 1000000000000: True"),
    (took([-1]), "no whole number up to 1000000000000: -1"),
    (took([1], own=[10**399]), "times.load.own holds what is no whole number"),
    (took([1], estimated=[0]), "times.load.estimated[0] is no list"),
    (took([1], estimated=[[0]]), "times.load.estimated[0] does not say from where to where"),
    (took([1], estimated=[[None, 1]]), "estimated[0] does not say from where to where"),
    (took([1], estimated=[[0, 2]]), "estimated[0] holds what is no whole number up to 1: 2"),
    (took([1], estimated=[[0, 1], [0, 1]]), "estimated[1] does not say from where to where, in"),
]


@pytest.mark.parametrize(("lie", "answer"), TRACE)
def test_a_trace_that_lies(lie: Lie, answer: str, tmp_path: Path, ask: Any) -> None:
    folder = write_pinned(tmp_path / "m")
    lie(folder)
    code, said = ask("why", "-m", folder, "alpha")
    assert code == 2
    assert f"{folder / 'trace.json'}" in said
    assert answer in said
    assert "save the model again, or take the file away" in said


LIST, SHOW, DIFF = ("requirements", "list"), ("inspect",), ("diff",)
SHADOWS = "standard library's own modules: code/"
OTHERS: list[tuple[Lie, str, tuple[str, ...]]] = [
    (link("requirements.txt", "/etc/hostname"), "leads out of the folder", LIST),
    (text("requirements.txt", "-r /etc/hostname"), "is outside the folder", LIST),
    (text("requirements.txt", "-r ../x.txt"), "is outside the folder", LIST),
    (text("requirements.txt", "-r requirements.txt"), "include each other", DIFF),
    (instead("requirements.txt", os.mkfifo), "requirements.txt: is no file", SHOW),
    (instead("requirements.txt", os.mkfifo), "requirements.txt: is no file", DIFF),
    (text("requirements.txt", "-c a\0b"), "is the name of no file", LIST),
    (text("requirements.txt", "a\0b"), "requirements.txt:1", LIST),
    (link("conda.yaml", "/dev/zero"), "conda.yaml: is no file", LIST),
    (text("conda.yaml", "dependencies: 5"), "conda.yaml:1: dependencies: expected a list", DIFF),
    (instead("conda.yaml", os.mkfifo), "conda.yaml: is no file", SHOW),
    (text("python_env.yaml", "python: [3]"), "python_env.yaml:1: python: expected text", DIFF),
    (text("python_env.yaml", "python: yes"), "'yes' is no version of Python", DIFF),
    (text("pylock.toml", "a = " + NESTED), "pylock.toml", SHOW),
    (text("pylock.toml", f"a = {'9' * 5000}"), "pylock.toml:1: not TOML", SHOW),
    (text("pylock.toml", "packages = 5"), "pylock.toml", SHOW),
    (edited("pylock.toml", '1.0"\n\n[[', '9.0"\n\n[[', "-1.0-", "-9.0-"),
     "alpha==1.0 here, alpha 9.0 in pylock.toml", SHOW),
    (edited("pylock.toml", "alpha", "omega"), "alpha==1.0 is missing in pylock.toml", SHOW),
    (edited("pylock.toml", "alpha-1.0", "beta-1.0"), "cannot be read: pylock.toml", SHOW),
    (text("requirements.txt", f"a=={'9' * 5000}"), "a number that no version has", LIST),
    (text("requirements.txt", f"a; python_version < '{'9' * 5000}'"), "no version has", DIFF),
    (text("python_env.yaml", f"python: 3.{'9' * 5000}"), "is no version of Python", DIFF),
    (text("code/random.py", "x = 1"), f"{SHADOWS}random.py", SHOW),
    (text("code/json.so", b"\x7fELF"), f"{SHADOWS}json.so", SHOW),
]  # fmt: skip


@pytest.mark.parametrize(("lie", "answer", "words"), OTHERS)
def test_another_file_that_lies(
    lie: Lie, answer: str, words: tuple[str, ...], tmp_path: Path, ask: Any
) -> None:
    folder = write_pinned(tmp_path / "m")
    lie(folder)
    code, said = ask(*words, *([] if words == DIFF else ["-m"]), folder)
    assert code in (0, 2)
    assert answer in said


@pytest.mark.parametrize(
    "lie",
    [
        text("uv.lock", "package = 5"),
        text("uv.lock", "package = [5]"),
        text("uv.lock", NESTED),
        instead("uv.lock", os.mkfifo),
        link("uv.lock", "/etc/hostname"),
        instead("pyproject.toml", os.mkfifo),
        text("pyproject.toml", "project = 5"),
        put({"inputs": "[" * 200}, "signature"),
        put({"inputs": '[{"tensor-spec": {"shape": 5}}]'}, "signature"),
        put({"inputs": '[{"tensor-spec": 5, "name": {}}]'}, "signature"),
        put([], "signature"),
        put([1], "metadata"),
        put({"artifact_path": ["x"]}, "saved_input_example_info"),
        put(True, *FUNCTION, "python_version"),
        put(None, *FUNCTION, "env"),
        put({"conda": 5}, *FUNCTION, "env"),
        put({"virtualenv": "a\0b"}, *FUNCTION, "env"),
        put([], "flavors", "sklearn"),
    ],
)
def test_a_folder_of_mlflow_that_lies(lie: Lie, tmp_path: Path, ask: Any) -> None:
    folder = write_uv(tmp_path / "m")
    lie(folder)
    for words in (("inspect",), ("inspect", "--json"), ("requirements", "list")):
        code, said = ask(*words, "-m", folder)
        assert code in (0, 2), said


def named(folder: Path, ask: Any) -> dict[str, Any]:
    code, said = ask("inspect", "-m", folder, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(said)
    return found


class Leaves:
    """A value whose pickle would leave a mark where it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def in_zip(file: Path, data: bytes, name: str = "a/b") -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, data)


@pytest.mark.parametrize(
    "place",
    [
        "artifacts/notes.txt",
        "model.statsmodels",
        "code/data.csv",
        "input_example.json",
        "README.md",
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_under_another_name_is_named(
    place: str, protocol: int, tmp_path: Path, ask: Any
) -> None:
    folder = write_mlflow(tmp_path / "m")
    file = folder / place
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(pickle.dumps(Leaves(tmp_path / "mark"), protocol))
    assert [*named(folder, ask)["known_to_run_code"]] == [place]
    in_zip(file, pickle.dumps(Leaves(tmp_path / "mark"), protocol))
    assert [*named(folder, ask)["known_to_run_code"]] == [f"{place}!a/b"]
    assert not (tmp_path / "mark").exists()


def test_every_container_is_looked_into(tmp_path: Path, ask: Any) -> None:
    found = named(write_pickles(tmp_path / "m"), ask)
    both = ["collections.Counter", "collections.OrderedDict"]
    assert found["pickles"] == {
        "model.pkl": ["collections.OrderedDict"],
        "artifacts/several": both,
        "artifacts/net.pt!archive/data.pkl": ["collections.Counter"],
        "artifacts/packed.bin": both,
        "artifacts/words.npy": ["collections.Counter"],
    }


def test_what_is_not_scanned_is_said(tmp_path: Path, ask: Any) -> None:
    folder = write_mlflow(tmp_path / "m")
    for name, data in {
        "a.h5": b"\x89HDF\r\n\x1a\n" + bytes(9),
        "b.bin": b"\x04\x22\x4d\x18" + bytes(9),
        "c.dat": b"\x00\x01\x02",
        "d.pkl": b"just text",
        "e.py": b"x = 1\n",
    }.items():
        (folder / name).write_bytes(data)
    (folder / "f").symlink_to("/etc/hostname")
    os.mkfifo(folder / "g")
    (folder / "model.pkl").write_bytes(pickle.dumps(Leaves(tmp_path / "mark"))[:-1])
    found = named(folder, ask)
    reasons = {each["name"]: each["reason"] for each in found["not_scanned"]}
    words = {
        "a.h5": "HDF5", "b.bin": "lz4", "c.dat": "no format that is known", "d.pkl": "text",
        "e.py": "Python code", "f": "a link, to /etc/hostname", "g": "no regular file",
        "model.pkl": "its pickle is broken",
    }  # fmt: skip
    assert words.keys() == reasons.keys()
    for name, word in words.items():
        assert word in reasons[name]
    # It is called before whoever loads it sees that it is broken.
    assert [*found["known_to_run_code"]] == ["model.pkl"]
    said = ask("inspect", "-m", folder)[1]
    assert "known to run code when it is loaded: posix.mkdir (model.pkl)" in said
    assert "not scanned: a.h5 (17 B): HDF5" in said


def test_a_name_that_is_computed_is_told(tmp_path: Path, ask: Any) -> None:
    folder = write_mlflow(tmp_path / "m")
    numbers_as_names = b"\x80\x04K\x01K\x02\x93."
    (folder / "model.pkl").write_bytes(numbers_as_names)
    (said,) = named(folder, ask)["not_scanned"]
    assert said["reason"] == "a global with a computed name"
