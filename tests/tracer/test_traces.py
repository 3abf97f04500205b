from __future__ import annotations

import json
import pickle

import pytest

from tracer import ImportRecord, Touch, Trace, UnreadableTraceError

FIRST_VERSION = """\
{"trace": 1, "notes": ["a note"]}
{"order": 0, "name": "json", "file": "/json.py", "importer": null, "importer_file": null, \
"line": null, "loaded": true, "phase": "load", "how": "imported"}
"""


def test_what_the_first_version_wrote_is_read() -> None:
    seen = Trace.from_jsonl(FIRST_VERSION)
    assert seen.modules == ("json",)
    assert seen.records[0].seconds is None
    assert seen.notes == ("a note",)


def test_keys_of_later_versions_are_passed_over() -> None:
    header, record = FIRST_VERSION.splitlines()
    extended = json.dumps({**json.loads(record), "mood": "good"})
    assert Trace.from_jsonl(f"{header}\n{extended}\n") == Trace.from_jsonl(FIRST_VERSION)


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ('{"trace": 99}\n', 1), ("[]\n", 1), (FIRST_VERSION + "{}\n", 3), ("torn", 1)],
)
def test_what_is_no_trace_is_an_error_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UnreadableTraceError, match="not a trace") as caught:
        Trace.from_jsonl(text, source="file")
    assert caught.value.line == line
    assert str(caught.value).startswith(f"file:{line}:")
    assert vars(pickle.loads(pickle.dumps(caught.value))) == vars(caught.value)


def test_a_failed_and_a_loaded_record_of_one_name_count_as_loaded() -> None:
    failed = ImportRecord(0, "a", None, "x", None, None, False, "", "imported")
    loaded = ImportRecord(1, "a", "/a.py", "y", None, None, True, "", "imported")
    seen = Trace.of([loaded, failed])
    assert (seen.modules, seen.failed, seen.files) == (("a",), (), ("/a.py",))


ASKED = Touch("file", "/tables/grades.json", "predict", "orchard", "/orchard.py", 7)


def test_who_asked_for_what_was_touched_is_kept_and_may_be_missing() -> None:
    text = Trace.of([], touches=[ASKED]).to_jsonl()
    assert Trace.from_jsonl(text).touches == (ASKED,)
    header, _ = FIRST_VERSION.splitlines()
    older = '{"kind": "file", "name": "/tables/grades.json", "phase": "predict"}'
    (touch,) = Trace.from_jsonl(f"{header}\n{older}\n").touches
    assert (touch.name, touch.importer, touch.line) == (ASKED.name, None, None)


def test_touches_are_united_shared_and_subtracted() -> None:
    host = Touch("host", "db:5432", "predict", None, "/model.py", 3)
    both, one = Trace.of([], touches=[host, ASKED]), Trace.of([], touches=[ASKED])
    assert both | one == one | both == both
    assert both & one == one
    assert (both - one).touches == (host,)


def test_the_table_says_who_asked_where_that_is_known() -> None:
    library = Touch("library", "/env/lib/libmpi.so.12")
    lines = Trace.of([], touches=[library, ASKED]).table().splitlines()
    assert lines[1:3] == [
        "file: /tables/grades.json  orchard.py:7",
        "library: /env/lib/libmpi.so.12",
    ]
