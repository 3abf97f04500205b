"""One root for all that a caller can catch, whichever package raised it."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import envfiles
import modelenv
import resolver
import tracer
from modelenv.base.doors import as_ours, door
from modelenv.base.errors import ModelenvError, WrongUseError

ROOT = Path(modelenv.__file__).parent.parent
PACKAGES = ("tracer", "resolver", "envfiles", "modelenv")
# They end within their room, or in another Python, where a run reports what they say.
INSIDE = {
    *(
        "BeyondError",
        "BodyError",
        "BrokenFrameError",
        "CutShortError",
        "FramingError",
        "LyingError",
    ),
    *("PackError", "PartError", "SliceError", "SpentError", "WireError", "_UnreadableError"),
    *("DifferenceError", "NotInferredError", "RowsError", "UnfaithfulError", "UntypedError"),
    "TooManyAlternatives",
}


def classes_of_errors() -> Iterator[type[Exception]]:
    """Yield every class of an exception in the four packages, by their sources."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            tree = ast.parse(file.read_text("utf-8"))
            names = [
                node.name
                for node in tree.body
                if isinstance(node, ast.ClassDef) and node.bases and node.name[0] != "_"
            ]
            if not names or "starter" in parts or "entry" in parts:  # they are run, not imported
                continue
            module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
            for found in (getattr(module, name) for name in names):
                if issubclass(found, Exception):
                    yield found


def test_every_error_is_of_the_one_root_behind_a_door() -> None:
    found = list(classes_of_errors())
    assert len(found) > 50
    outside = {kind for kind in found if not issubclass(kind, Warning)}
    outside = {kind for kind in outside if kind.__name__ not in INSIDE}
    for kind in outside:
        ours = as_ours(kind.__new__(kind))
        assert isinstance(ours, modelenv.ModelenvError), kind
        assert isinstance(ours, kind)


@pytest.mark.parametrize("name", ["ConflictError", "SourceError", "TracerError"])
def test_a_stranger_s_error_of_a_name_of_ours_passes_as_it_is(name: str) -> None:
    error = type(name, (Exception,), {"__module__": "somebody.resolver"})("no")
    assert as_ours(error) is error


def test_every_public_function_is_a_door() -> None:
    functions = [getattr(modelenv, name) for name in dir(modelenv) if name != "__version__"]
    functions = [each for each in functions if inspect.isfunction(each)]
    assert len(functions) >= 14
    assert [each.__name__ for each in functions if not hasattr(each, "__wrapped__")] == []


def raised(call: Any, *arguments: Any, **options: Any) -> Exception:
    with pytest.raises(modelenv.ModelenvError) as caught:
        call(*arguments, **options)
    return caught.value


@pytest.fixture
def saved(project: Any, target: Path) -> Path:
    modelenv.save_model(project.model("return 1"), target, input_example=1, prove=False)
    return target


def test_what_the_siblings_raise_is_of_both_roots(saved: Path, project: Any) -> None:
    exists = raised(modelenv.save_model, project.model("return 1"), saved, input_example=1)
    assert isinstance(exists, envfiles.EnvFilesError)
    assert str(exists).startswith(f"{saved}: ")
    lines = ["own-a==1", "own-a==2"]
    refused = raised(
        modelenv.save_model, project.model("return 1"), saved.parent / "new", input_example=1,
        extra_pip_requirements=lines, prove=False,
    )  # fmt: skip
    assert isinstance(refused, resolver.ResolverError)
    (saved / "requirements.txt").write_text("own-a ==== 1\n")
    unread = raised(modelenv.update_requirements, saved, add=["own-b"])
    assert isinstance(unread, envfiles.InvalidFile)
    (saved / "trace.json").write_text("{")
    untraced = raised(modelenv.why, saved, "own-a")
    assert isinstance(untraced, tracer.TracerError | envfiles.EnvFilesError)


def test_a_file_that_is_not_there_is_wrong_use_with_its_path() -> None:
    error = as_ours(FileNotFoundError(2, "No such file or directory", "words.txt"))
    assert isinstance(error, WrongUseError)
    assert isinstance(error, FileNotFoundError)
    assert (error.errno, error.filename, error.exit_code) == (2, "words.txt", 2)
    assert str(error) == "[Errno 2] No such file or directory: 'words.txt'"
    moved = as_ours(OSError(18, "Invalid cross-device link", "a", None, "b"))
    assert (vars(moved), str(moved)) == ({}, "[Errno 18] Invalid cross-device link: 'a' -> 'b'")
    assert isinstance(as_ours(OSError(28, "No space left")), modelenv.ModelenvError)
    assert not isinstance(as_ours(OSError(22, "Invalid argument")), modelenv.ModelenvError)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file or directory", "words.txt"),
        resolver.ConflictError(("a needs b",), names=("a",)),
        tracer.TracerError("no"),
        envfiles.InvalidFile(()),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_left_a_door_is_the_same_in_another_process(error: Exception) -> None:
    ours = as_ours(error)
    assert as_ours(ours) is ours
    for again in (pickle.loads(pickle.dumps(ours)), copy.copy(ours)):
        assert type(again) is type(ours)
        assert (str(again), vars(again)) == (str(error), vars(error))


def test_a_fault_of_ours_is_none_of_them_and_keeps_its_place() -> None:
    error = ZeroDivisionError("ours")
    assert as_ours(error) is error


def test_the_traceback_is_that_of_the_error(saved: Path, project: Any) -> None:
    error = raised(modelenv.save_model, project.model("return 1"), saved, input_example=1)
    files = []
    frame = error.__traceback__
    while frame is not None:
        files.append(Path(frame.tb_frame.f_code.co_filename).name)
        frame = frame.tb_next
    assert files[-1] == "stage.py"
    assert error.__cause__ is None
    assert error.__suppress_context__


CALLS: dict[str, Any] = {
    "inspect_model": modelenv.inspect_model,
    "verify": modelenv.verify,
    "predict": modelenv.predict,
    "load_model": modelenv.load_model,
    "lock_model": modelenv.lock_model,
    "fix": modelenv.fix,
    "minimize": modelenv.minimize,
    "compare_environment": modelenv.compare_environment,
    "report_model": modelenv.report_model,
    "why": lambda place: modelenv.why(place, "own"),
    "diagnose": lambda place: modelenv.diagnose("ValueError: x", place),
    "update_requirements": lambda place: modelenv.update_requirements(place, add=["own"]),
    "save_model": lambda place: modelenv.save_model(len, place, input_example=[1], prove=False),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::modelenv.EnvironmentWarning")
def test_a_folder_that_is_none_ends_in_one_root(name: str, tmp_path: Path) -> None:
    contents = {"text": b"{", "bytes": b"\xff\xfe\x00", "lone": b"flavors: {python_function: 3}"}
    for folder, content in contents.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "MLmodel").write_bytes(content)
    (tmp_path / "within" / "MLmodel").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    places = [tmp_path / each for each in (*contents, "within", "file")]
    for place in (*places, tmp_path / "absent" / "a", "", "a\0b", "a" * 5000, 3):
        if name == "save_model" and place == tmp_path / "absent" / "a":
            continue  # there it is saved
        raised(CALLS[name], place)


@pytest.mark.skipif(sys.platform == "win32", reason="there it cannot be removed")
def test_a_working_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for asks in (Path.cwd, Path("x").absolute, lambda: os.path.abspath("x")):  # noqa: PTH100
        with pytest.raises(ModelenvError, match="the working folder of this process is gone"):
            door(asks)()
    with pytest.raises(FileNotFoundError) as other:
        door(Path("/absent").stat)()
    assert "working folder" not in str(other.value)
