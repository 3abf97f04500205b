from __future__ import annotations

import collections
import gzip
import importlib
import io
import pickle
import tarfile
import tracemalloc
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tracer import UnreadablePickleError, scan_globals, scan_modules, survey_pickles
from tracer.pickles.globals import Global


class Command:
    """Would run something if it were unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, ("touch executed.txt",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_globals_are_found_in_every_protocol(protocol: int) -> None:
    data = pickle.dumps([collections.OrderedDict(a=1), ValueError("x"), {1, 2}], protocol)
    assert {"collections.OrderedDict", "builtins.ValueError"} <= set(scan_globals(data))
    assert "collections" in scan_modules(data)


def test_a_pickle_inside_a_pickle_is_read() -> None:
    inner = pickle.dumps(collections.Counter())
    assert "collections.Counter" in scan_globals(pickle.dumps({"state": [inner]}))


def test_pickles_in_a_row_are_all_read() -> None:
    data = pickle.dumps(1) + pickle.dumps(collections.Counter()) + b"\x00tail"
    assert scan_globals(data) == ("collections.Counter",)


def test_nothing_is_executed_and_commands_are_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (found,) = scan_globals(pickle.dumps(Command()))
    assert found.runs_commands
    assert (found.module, found.name) == ("posix", "system")
    assert not Path("executed.txt").exists()
    assert not scan_globals(pickle.dumps(collections.Counter()))[0].runs_commands


def test_a_commanding_function_is_known_by_its_attributes_too() -> None:
    (found,) = scan_globals(b"\x80\x04\x8c\x08builtins\x8c\x0deval.__call__\x93.")
    assert (found, found.runs_commands) == ("builtins.eval.__call__", True)


def test_what_cloudpickle_brings_by_value_names_its_modules() -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    scope = {"colorsys": importlib.import_module("colorsys"), "Path": Path}
    exec("def made():\n    return colorsys.rgb_to_hsv, Path", scope)
    exec("def outer():\n    def inner():\n        return made()\n    return inner", scope)
    data = cloudpickle.dumps(scope["outer"])
    assert {"colorsys", Path.__module__} <= set(scan_modules(data))


def test_a_module_that_a_call_would_import_is_named() -> None:
    data = b"cimportlib\nimport_module\n(Vantigravity\ntR."
    assert {"antigravity", "importlib"} == set(scan_modules(data))


def test_a_zip_of_pickles_is_read_as_torch_writes_it() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("model/data.pkl", pickle.dumps(collections.Counter(), 2))
        opened.writestr("model/data/0", b"\x80\x02not a pickle")
    assert "collections.Counter" in scan_globals(archive.getvalue())


def test_storages_by_persistent_id_are_passed_over() -> None:
    class Pickler(pickle.Pickler):
        def persistent_id(self, item: object) -> object:
            return ("storage", collections.Counter, "0") if item is Ellipsis else None

    written = io.BytesIO()
    Pickler(written, 2).dump([..., collections.deque()])
    assert {"collections.Counter", "collections.deque"} <= set(scan_globals(written.getvalue()))


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3)])
def test_a_joblib_file_is_read_past_its_arrays(tmp_path: Path, compress: Any) -> None:
    joblib = pytest.importorskip("joblib")
    numpy = pytest.importorskip("numpy")
    arrays = [
        numpy.arange(1000.0).reshape(10, 100),
        numpy.array(["a", "bcd"]),
        numpy.array([collections.Counter(), None], dtype=object),
        numpy.zeros(3, dtype=[("x", "i4"), ("y", "f8")]),
        numpy.array(5),
    ]
    joblib.dump([*arrays, collections.deque()], tmp_path / "model.joblib", compress=compress)
    found = scan_globals(tmp_path / "model.joblib")
    assert {"collections.Counter", "collections.deque"} <= set(found)


def test_an_array_of_objects_is_read(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    numpy.save(tmp_path / "a.npy", numpy.array([collections.Counter()], dtype=object))
    numpy.save(tmp_path / "b.npy", numpy.zeros(3))
    assert "collections.Counter" in scan_globals(tmp_path / "a.npy")
    assert scan_globals(tmp_path / "b.npy") == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no pickle",
        pickle.dumps(collections.Counter())[:-3],
        b"\x80\x04\x93.",
        b"\x80\x04K\x01K\x02\x93.",
        b"0.",
        b"t.",
        b"h\x05.",
        gzip.compress(b"\x80\x04", mtime=0)[:-4],
        b"PK\x03\x04broken",
        b"\x93NUMPY\x01\x00\x05\x00xxxxx",
        b"\x04\x22\x4d\x18",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.",
    ],
)
def test_what_is_no_pickle_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(UnreadablePickleError, match="<bytes>: not a readable pickle"):
        scan_globals(data)


def test_a_pickle_bomb_ends() -> None:
    doubling = b"\x80\x04]" + b"2\x86" * 5000 + b"."
    assert scan_globals(doubling) == ()
    nested = pickle.dumps(collections.Counter())
    for _ in range(50):
        nested = pickle.dumps(nested)
    assert scan_globals(nested) == ()


def test_a_small_file_that_unpacks_to_endless_opcodes_ends_in_an_error() -> None:
    endless = gzip.compress(b"\x80\x04" + b"N0" * 1_000_000 + b"N.")
    with pytest.raises(UnreadablePickleError, match="more opcodes"):
        scan_globals(endless)


def test_an_error_names_the_file_and_the_part_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.pt", "w") as opened:
        opened.writestr("data.pkl", b"broken")
    with pytest.raises(UnreadablePickleError, match=r"model\.pt!data\.pkl"):
        scan_globals(tmp_path / "model.pt")


def test_a_survey_finds_pickles_by_content(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("deep", gzip.compress(pickle.dumps(collections.Counter())))
        opened.writestr("words", "hello\n")
    with tarfile.open(tmp_path / "all.dat", "w") as archive:
        about = tarfile.TarInfo("in.zip")
        about.size = len(inner.getvalue())
        archive.addfile(about, io.BytesIO(inner.getvalue()))
    survey = survey_pickles(tmp_path / "all.dat")
    assert survey.named["in.zip!deep"] == ("collections.Counter",)
    assert (survey.texts > 0, survey.unscanned) == (True, ())


def test_a_file_may_be_two_things_at_once(tmp_path: Path) -> None:
    file = tmp_path / "both"
    file.write_bytes(pickle.dumps(collections.Counter()))
    with zipfile.ZipFile(file, "a") as opened:
        opened.writestr("a", pickle.dumps(collections.OrderedDict()))
    survey = survey_pickles(file)
    assert survey.named == {"": ("collections.Counter",), "a": ("collections.OrderedDict",)}


def test_what_a_broken_pickle_would_call_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(pickle.dumps(Fraction(1, 3), 0)[:-1])
    survey = survey_pickles(tmp_path / "cut")
    assert survey.named == {"": ("fractions.Fraction",)}
    (said,) = survey.unscanned
    assert "there is no STOP" in said.reason


def test_text_that_begins_as_opcodes_do_is_text(tmp_path: Path) -> None:
    for text in ("name: a\n", "c-3\nb\n", "(lp0\n", "import os\n", '{"a": 1}', "N\n", "x,y\n1,2\n"):
        (tmp_path / "words.txt").write_text(text)
        survey = survey_pickles(tmp_path / "words.txt")
        assert (survey.named, survey.texts, survey.unscanned) == ({}, 1, ())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x04\x22\x4d\x18xx", "compressed by lz4"),
        (b"\x28\xb5\x2f\xfdxx", "compressed by zstandard"),
        (b"ZF0x12", "compressed by joblib before 0.10"),
        (b"\x89HDF\r\n\x1a\nxx", "HDF5"),
        (b"\x7fELFxx", "compiled code"),
        (b"PK\x03\x04broken", "it cannot be read to its end"),
        (gzip.compress(bytes(99), mtime=0)[:-12], "it cannot be read to its end"),
        (b"\x00\x01", "no format that is known here"),
        (pickle.dumps(collections.Counter()) + b"more", "what follows its pickle from byte 44"),
        (b"\x80\x02\x82\x01.", "a global by the number 1"),
        (b"\x80\x04K\x01K\x02\x93.", "a global with a computed name"),
    ],
)
def test_what_is_not_scanned_has_a_reason(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    unscanned = survey_pickles(tmp_path / "file").unscanned
    assert any(reason in each.reason for each in unscanned)


def test_a_survey_ends_when_its_time_does(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"\x80\x04" + b"N0" * 50_000 + b"N.")
    (said,) = survey_pickles(tmp_path / "long", seconds=0).unscanned
    assert "longer than there is time for" in said.reason
    assert survey_pickles(tmp_path / "long").unscanned == ()


def test_a_large_value_is_passed_over_and_its_pickle_told(tmp_path: Path) -> None:
    large = pickle.dumps([bytes(17_000_000), collections.Counter()])
    (tmp_path / "large").write_bytes(large)
    tracemalloc.start()
    survey = survey_pickles(tmp_path / "large")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert survey.named == {"": ("collections.Counter",)}
    assert most < 8_000_000
    (tmp_path / "large").write_bytes(pickle.dumps(b"\x80\x04" + b"N0" * 8_500_000))
    (said,) = survey_pickles(tmp_path / "large").unscanned
    assert said.reason == "17,000,002 bytes inside it, maybe a pickle"


@pytest.mark.parametrize("name", ["numpy.f2py.crackfortran.x", "os.path.join", "builtins.getattr"])
def test_what_stands_in_a_commanding_module_is_marked(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert Global(module, attribute).runs_commands
    assert not Global(f"own_{module}", attribute).runs_commands
