"""Containers are followed as pickles too, and unpacked as far as possible."""

from __future__ import annotations

import bz2
import collections
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from tracer import scan_globals, survey_pickles
from tracer.pickles.containers import parts_of
from tracer.pickles.findings import Findings
from tracer.pickles.formats.unpacked import UnpackedStream
from tracer.pickles.opcodes import AHEAD, Budget, PickleStream
from tracer.pickles.stack_machine import Machine

COUNTER = pickle.dumps(collections.Counter())


def tarred(**files: bytes) -> bytes:
    """Return a tar archive."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, data in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return written.getvalue()


def zipped(**files: bytes) -> bytes:
    """Return a zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


def test_a_container_comes_as_itself_and_by_its_parts() -> None:
    for data, parts in (
        (tarred(a=COUNTER), ["", "a"]),
        (gzip.compress(COUNTER, mtime=0), ["", ""]),
        (b"in front" + zipped(a=COUNTER), ["", "a"]),
    ):
        assert [each.name for each in parts_of(io.BytesIO(data), len(data))] == parts


def test_a_container_that_is_no_pickle_says_nothing_of_that(tmp_path: Path) -> None:
    for data in (tarred(a=COUNTER), gzip.compress(COUNTER), zipped(a=COUNTER)):
        (tmp_path / "file").write_bytes(data)
        survey = survey_pickles(tmp_path / "file")
        assert [*survey.named.values()] == [("collections.Counter",)]
        assert survey.unscanned == ()


def test_an_archive_behind_something_is_found_within_another(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(zipped(inner=b"in front" + zipped(a=COUNTER)))
    assert survey_pickles(tmp_path / "file").named == {"inner!a": ("collections.Counter",)}


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, bz2.compress, lzma.compress])
def test_what_was_found_stays_where_the_rest_is_damaged(compress: Any, tmp_path: Path) -> None:
    packed = compress(COUNTER)
    (tmp_path / "file").write_bytes(packed + b"behind")
    survey = survey_pickles(tmp_path / "file")
    assert survey.named == {"": ("collections.Counter",)}
    assert "it cannot be read to its end" in survey.unscanned[0].reason
    (tmp_path / "file").write_bytes(packed + packed + bytes(9))  # some programs pad what they write
    assert survey_pickles(tmp_path / "file").unscanned == ()


@pytest.mark.parametrize(
    ("packed", "compress"),
    [("gzip", gzip.compress), ("zlib", zlib.compress), ("bzip2", bz2.compress)],
)
def test_what_is_unpacked_is_a_file(packed: str, compress: Any) -> None:
    data = bytes(range(256)) * 1000
    file = io.BufferedReader(UnpackedStream(packed, io.BytesIO(compress(data))))
    assert file.read() == data
    assert file.seek(-5, io.SEEK_END) == len(data) - 5
    assert file.read() == data[-5:]
    assert (file.seek(300), file.read(2)) == (300, data[300:302])


def test_a_field_of_an_array_may_have_any_name(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    records = numpy.zeros(2, dtype=[("Only", "f8"), ("O", "i4", (2,))])
    numpy.save(tmp_path / "a.npy", records)
    survey = survey_pickles(tmp_path / "a.npy")
    assert (survey.arrays, survey.named, survey.unscanned) == (1, {}, ())
    objects = numpy.array([(collections.Counter(), 1)], dtype=[("a", "O"), ("b", "i4")])
    numpy.save(tmp_path / "b.npy", objects)
    assert "collections.Counter" in scan_globals(tmp_path / "b.npy")


def test_what_follows_the_head_of_an_array_in_a_pickle_is_read_both_ways(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    numpy = pytest.importorskip("numpy")
    for array in (numpy.full(100, ord("N"), dtype="u1"), numpy.zeros(3), numpy.array(["a", "bc"])):
        joblib.dump([array, collections.Counter()], tmp_path / "file")
        survey = survey_pickles(tmp_path / "file")
        assert "collections.Counter" in survey.named[""]
        assert survey.unscanned == ()


def test_bytes_that_may_be_opcodes_are_followed() -> None:
    findings = Findings()
    machine = Machine(PickleStream(io.BytesIO(), Budget.of(0)), findings, 0)
    assert not machine.may_be_opcodes(bytes(AHEAD))
    assert not machine.may_be_opcodes(b"N" * 100)
    assert not machine.may_be_opcodes(COUNTER)
    assert list(findings.names) == ["collections.Counter"]
    assert machine.may_be_opcodes(b"N" * AHEAD)


@pytest.mark.parametrize("protocol", [0, 1, 2, 5])
def test_a_pickle_in_a_pickle_is_read_in_every_protocol(protocol: int) -> None:
    inner = pickle.dumps(collections.Counter(), protocol)
    assert "collections.Counter" in scan_globals(pickle.dumps({"state": inner}))
    assert "collections.Counter" in scan_globals(pickle.dumps([inner + b"\n"]))
    assert scan_globals(pickle.dumps([b"no pickle", b"N", b"class\n", b"(((("])) == ()


def test_the_types_that_skops_names_are_listed(tmp_path: Path) -> None:
    tree = {"__class__": "Counter", "__module__": "collections", "__loader__": "ObjectNode"}
    schema = {**tree, "content": [{**tree, "__class__": "deque"}], "_skops_version": "0.13"}
    (tmp_path / "model.skops").write_bytes(zipped(**{"schema.json": json.dumps(schema).encode()}))
    named = survey_pickles(tmp_path / "model.skops").named
    assert named == {"schema.json": ("collections.Counter", "collections.deque")}
    broken = zipped(**{"schema.json": b'{"_skops_version": '})
    (tmp_path / "model.skops").write_bytes(broken)
    (said,) = survey_pickles(tmp_path / "model.skops").unscanned
    assert "names types that loading imports" in said.reason
    (tmp_path / "other").write_bytes(zipped(**{"schema.json": b"{}"}))
    assert survey_pickles(tmp_path / "other").texts == 1
