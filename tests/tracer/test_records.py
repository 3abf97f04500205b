from __future__ import annotations

import json

import pytest

from tracer import ImportRecord, Trace, UnreadableTraceError, read_spool

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


def test_a_spool_with_a_torn_end_is_read_up_to_it(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "7-0.jsonl").write_text(
        '["process", 2, 7, 1, "fresh", "python x.py", 5]\n'
        '["import", "json", null, null, 0, "load", "imported", 6, 1]\n'
        '["module", "json", "/json.py", "load"]\n'
        '["later kind", 1, 2, 3]\n'
        '["import", "js'
    )
    seen = read_spool(folder)
    assert seen.modules == ("json",)
    assert seen.notes == ("record 5 of 7-0.jsonl is torn",)


def test_a_spool_that_is_not_there_is_an_empty_trace_with_a_note(tmp_path: object) -> None:
    seen = read_spool(f"{tmp_path}/absent")
    assert seen == Trace.of([], ["the traced process left no record"])


def test_a_failed_and_a_loaded_record_of_one_name_count_as_loaded() -> None:
    failed = ImportRecord(0, "a", None, "x", None, None, False, "", "imported")
    loaded = ImportRecord(1, "a", "/a.py", "y", None, None, True, "", "imported")
    seen = Trace.of([loaded, failed])
    assert (seen.modules, seen.failed, seen.files) == (("a",), (), ("/a.py",))
