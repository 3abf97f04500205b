"""Foreign lines among the records are noted, and do no harm."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import tracer
from tracer.reading.record_types import RECORDS
from tracer.reading.spool_file import events_of, read_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")

FIRST = ["process", 2, 7, 1, "fresh", "python x.py", 5, "/bin/python", "/usr", "3.11.2"]
IMPORT = ["import", "colorsys", None, None, 0, "predict", "imported", 6, 1]
MODULE = ["module", "colorsys", "/lib/colorsys.py", "predict"]
LIES = {
    "no list": b"{}",
    "two records": b'["gone", "os"], ["gone", "sys"]',
    "two halves": b'"], ["',
    "an empty one": b"[]",
    "a kind that is a number": b"[7, 8]",
    "no JSON": b"import os",
    "deep nesting": b"[" * 2000,
    "deep nesting in a record": b'["note", ' + b"[" * 200 + b"]" * 200 + b"]",
    "an integer of 5,000 digits": b'["end", "os", ' + b"7" * 5000 + b", true]",
    "an integer of 30 digits": b'["end", "os", ' + b"7" * 30 + b", true]",
    "no UTF-8": b'["gone", "\xff\xfe"',
    "too few values": b'["module", "os"]',
    "too many values": b'["gone", "os", "sys"]',
    "a module of no name": b'["module", null, "/os.py", "load"]',
    "a file that is a list": b'["module", "os", [], "load"]',
    "a line that is a text": b'["import", "os", null, null, "3", "load"]',
    "a time that is a boolean": b'["end", "os", true, true]',
    "a touch of a number": b'["file", 7]',
    "a path with a null byte": b'["library", "/lib/a\\u0000.so"]',
    "a path with half a character": b'["library", "/lib/\\ud800.so"]',
    "a note that is an object": b'["note", {}]',
    "nothing but a first word": b'["process"]',
}


def spool(folder: Path, *lines: bytes) -> Path:
    known = (json.dumps(line).encode() for line in (FIRST, IMPORT, MODULE))
    (folder / "7-0.jsonl").write_bytes(b"".join(line + b"\n" for line in (*known, *lines)))
    return folder


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_record_is_noted(lie: str, tmp_path: Path) -> None:
    trace = tracer.read_spool(spool(tmp_path, LIES[lie], b'["note", "the last"]'))
    assert trace.notes == ("record 4 of 7-0.jsonl is torn", "the last")
    assert trace.modules == ("colorsys",)


@pytest.mark.parametrize("kind", ["later", "records", "requested", "spans", "_class__", "init__"])
def test_a_record_of_an_unknown_kind_is_left_alone(kind: str, tmp_path: Path) -> None:
    trace = tracer.read_spool(spool(tmp_path, json.dumps([kind, "x"]).encode()))
    assert (trace.notes, trace.modules) == ((), ("colorsys",))


@pytest.mark.parametrize("kind", RECORDS)
def test_every_kind_is_held_against_its_types(kind: str) -> None:
    types = RECORDS[kind]
    letters = types.needed + types.further
    good: list[object] = [{"t": "a", "n": 1, "b": True}[letter.lower()] for letter in letters]

    def is_taken(values: list[object]) -> bool:
        (event,) = events_of("x", json.dumps([kind, *values]).encode())
        return event != ("note", "record 1 of x is torn")

    assert is_taken(good)
    for place in range(len(letters)):
        assert not is_taken([*good[:place], [], *good[place + 1 :]])
        assert place >= len(types.needed) or not is_taken(good[:place])


def test_further_values_of_a_later_version_are_passed_over_however_many() -> None:
    later, torn = (json.dumps([kind, "x", *range(5000)]).encode() for kind in ("unseen", "gone"))
    assert list(events_of("x", later)) == [["unseen", "x", *range(5000)]]
    assert list(events_of("x", torn)) == [("note", "record 1 of x is torn")]


def test_of_many_torn_records_few_are_named(tmp_path: Path) -> None:
    notes = tracer.read_spool(spool(tmp_path, *[b"no"] * 50)).notes
    assert len(notes) == 21
    assert "30 more records of 7-0.jsonl are torn" in notes


def test_a_torn_record_among_many_is_named_and_the_others_are_read() -> None:
    lines = [json.dumps(["gone", f"m{number}"]).encode() for number in range(1000)]
    for place in (0, 199, 200, 777, 999):
        torn = b"\n".join([*lines[:place], lines[place][:-3], *lines[place + 1 :]])
        events = list(events_of("x", torn))
        assert events[place] == ("note", f"record {place + 1} of x is torn")
        assert [name for kind, name in events if kind == "gone"] == [
            f"m{number}" for number in range(1000) if number != place
        ]


@posix
@pytest.mark.parametrize("what", ["a folder", "a pipe", "a link to a device", "a link"])
def test_what_is_no_file_is_never_read(what: str, tmp_path: Path) -> None:
    spool(tmp_path)
    other = tmp_path / "8-0.jsonl"
    if what == "a folder":
        other.mkdir()
    elif what == "a pipe":
        os.mkfifo(other)
    else:
        target = "/dev/zero" if what == "a link to a device" else str(tmp_path / "7-0.jsonl")
        other.symlink_to(target)
    trace = tracer.read_spool(tmp_path)
    assert trace.modules == ("colorsys",)
    assert len(trace.notes) == 1
    assert "8-0.jsonl" in trace.notes[0]


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "7-0.jsonl"
    file.write_bytes(b"12345")
    assert read_file(file, 5) == (b"12345", ())
    assert read_file(file, 3, begin=2) == (b"345", ())
    data, notes = read_file(file, 3)
    assert (data, notes) == (b"123", ("unseen: what 7-0.jsonl holds beyond 3 bytes was not read",))
    assert read_file(tmp_path / "absent") == (b"", ())
