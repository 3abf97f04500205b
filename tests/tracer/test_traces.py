from __future__ import annotations

import json
import pickle

import pytest

from tracer import ImportRecord, Trace, UnreadableTraceError

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
