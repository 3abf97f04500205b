from __future__ import annotations

from pathlib import Path

from tracer import Trace, read_spool


def test_a_spool_with_a_torn_end_is_read_up_to_it(tmp_path: Path) -> None:
    (tmp_path / "7-0.jsonl").write_text(
        '["process", 2, 7, 1, "fresh", "python x.py", 5]\n'
        '["import", "json", null, null, 0, "load", "imported", 6, 1]\n'
        '["module", "json", "/json.py", "load"]\n'
        '["later kind", 1, 2, 3]\n'
        '["import", "js'
    )
    seen = read_spool(tmp_path)
    assert seen.modules == ("json",)
    assert seen.notes == ("record 5 of 7-0.jsonl is torn",)


def test_a_spool_that_is_not_there_is_an_empty_trace_with_a_note(tmp_path: Path) -> None:
    seen = read_spool(tmp_path / "absent")
    assert seen == Trace.of([], ["the traced process left no record"])
