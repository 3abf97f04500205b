from __future__ import annotations

from pathlib import Path

from tracer import Touch, Trace, read_spool


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


def spool(folder: Path, *processes: tuple[str, list[str]]) -> Trace:
    """Read what processes, each with its prefix and its lines, had left in this order."""
    folder.mkdir()
    for number, (prefix, lines) in enumerate(processes, 1):
        header = (
            f'["process", 2, {number}, 0, "fresh", "python", {number}, "py", "{prefix}", "3.12.1"]'
        )
        (folder / f"{number}-0.jsonl").write_text("\n".join([header, *lines, '["stop", 9]\n']))
    return read_spool(folder)


def test_what_several_processes_touched_is_the_firsts(tmp_path: Path) -> None:
    first = '["file", "/d.json", "load", "orchard", "/orchard.py", 7]'
    second = '["file", "/d.json", "predict", "other", "/other.py", 8]'
    seen = spool(tmp_path / "spool", ("/env", [first]), ("/env", [second]))
    assert seen.touches == (Touch("file", "/d.json", "load", "orchard", "/orchard.py", 7),)


def test_of_a_library_the_first_whose_asker_is_known_counts(tmp_path: Path) -> None:
    unknown = '["library", "/env/lib/libmpi.so", "load", null, null, null]'
    known = '["library", "/env/lib/libmpi.so", "predict", "mpi4py", "/mpi4py.py", 8]'
    seen = spool(tmp_path / "spool", ("/env", [unknown]), ("/env", [known]), ("/env", [unknown]))
    (touch,) = seen.touches
    assert (touch.importer, touch.phase) == ("mpi4py", "predict")


def test_what_an_older_probe_left_is_read(tmp_path: Path) -> None:
    seen = spool(tmp_path / "spool", ("/env", ['["file", "/d.json", "load"]']))
    assert seen.touches == (Touch("file", "/d.json", "load"),)


def test_the_files_of_modules_are_no_touches(tmp_path: Path) -> None:
    real = tmp_path / "cache" / "fast-1.so"
    link = tmp_path / "fast.so"
    real.parent.mkdir()
    real.touch()
    link.symlink_to(real)
    lines = [
        '["import", "fast", null, null, 0, "load", "imported", 6, 1]',
        f'["module", "fast", "{link}", "load"]',
        f'["library", "{real}", "load", null, null, null]',
        f'["file", "{link}", "load", null, null, null]',
        f'["file", "{link.with_name("data.json")}", "load", null, null, null]',
    ]
    seen = spool(tmp_path / "spool", ("/env", lines))
    assert [touch.name for touch in seen.touches] == [str(link.with_name("data.json"))]


def test_what_is_of_another_pythons_environment_is_left_out(tmp_path: Path) -> None:
    theirs = [
        '["file", "/other/lib/python3.12/site-packages/tables/d.json", "", null, null, null]',
        '["file", "/other/share/d.json", "", null, null, null]',
        '["library", "/other/lib/liba.so", "", null, null, null]',
        '["metadata", "spoon", "", null, null, null]',
        '["file", "/data/words.txt", "", null, null, null]',
        '["program", "/usr/bin/uname", "", null, null, null]',
    ]
    seen = spool(tmp_path / "spool", ("/env", []), ("/other", theirs))
    assert [touch.name for touch in seen.touches] == ["/data/words.txt", "/usr/bin/uname"]
