"""A trace in its short form says what it says in full, in every order and of every name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelenv.folder.documents.trace_file import TraceFile

NAMES = st.sampled_from(
    ["a", "a.b", "a.b.c", "a.bb", "b", "b.a", "", "a..b", ".", "ä.2", "{}", "a/b"]
)
FILES = st.one_of(
    st.sampled_from(
        ["a.py", "a/b.py", "lib/a/b.py", "/a", "a", "", "x/aa/b.so", "b/a/__init__.py"]
    ),
    st.text(max_size=4).filter(lambda text: "\0" not in text and text.isascii()),
)
MAYBE = {
    "file": FILES,
    "importer": NAMES,
    "importer_file": FILES,
    "line": st.integers(0, 9),
    "error": st.just("ModuleNotFoundError"),
    "caught": st.booleans(),
    "used_by": NAMES,
    "used_file": FILES,
    "used_line": st.integers(1, 9),
}
IMPORT = st.fixed_dictionaries(
    {
        "name": NAMES,
        "loaded": st.booleans(),
        "phase": st.sampled_from(["", "load", "predict"]),
        "how": st.sampled_from(["imported", "ran"]),
    },
    optional=MAYBE,
)
TOUCH = st.fixed_dictionaries(
    {"kind": st.sampled_from(["file", "host"]), "name": FILES},
    optional={key: MAYBE[key] for key in ("importer", "importer_file", "line")},
)


TIMES = st.fixed_dictionaries(
    {"seconds": st.integers(0, 10**9).map(lambda units: units / 10_000), "measured": st.booleans()},
    optional={"own_seconds": st.integers(0, 99).map(lambda units: units / 10_000)},
)


def again(trace: TraceFile, folder: Path) -> TraceFile:
    """Write a trace, and read it."""
    (folder / "trace.json").write_text(trace.to_json(), "utf-8")
    return TraceFile.read(folder)


@given(
    imports=st.lists(IMPORT, max_size=12),
    touches=st.lists(TOUCH, max_size=3),
    took=st.dictionaries(NAMES, TIMES, max_size=6),
)
def test_what_is_written_is_read(
    imports: list[Any],
    touches: list[Any],
    took: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("model")
    imports = [
        each | took[each["name"]] if each["how"] == "imported" and each["name"] in took else each
        for each in imports
    ]
    trace = TraceFile("3.11.7", {"os_name": "posix"}, (*imports,), (*touches,), ("a note",))
    assert again(trace, folder) == trace


def row(name: str, importer: str | None, line: int | None, **further: Any) -> dict[str, Any]:
    told = {"name": name, "file": name.replace(".", "/") + ".py", "loaded": True, "phase": "load"}
    asked = {} if importer is None else {"importer": importer, "line": line}
    file = {} if importer is None else {"importer_file": importer.replace(".", "/") + ".py"}
    return {**told, "how": "imported", **asked, **file, **further}


def test_a_row_names_what_is_new() -> None:
    imports = (
        row("kiln", None, None),
        row("kiln.core", "kiln", 3),
        row("kiln.core.heat", "kiln.core", 7),
        row("json", "kiln", 4, file="json/__init__.py"),
        row("kiln.fast", "kiln", 9, loaded=False),
    )
    said = json.loads(TraceFile(imports=imports).to_json())
    assert said["files"] == [["", ".py"], ["", "/__init__.py"]]
    assert said["imports"] == [
        {
            "phase": "load",
            "seen": [
                [0, "kiln", 0, None, None],
                [1, "core", 0, 0, 3],
                [2, "heat", 0, 0, 7],
                [0, "json", 1, 2, 4],
                [0, "kiln.fast", 0, 1, 9, {"loaded": False}],
            ],
        }
    ]


def test_times_are_told_once_a_module_at_the_end(tmp_path: Path) -> None:
    kiln = {"seconds": 0.02139, "own_seconds": 0.0064, "measured": False}
    heat = {"seconds": 0.00001, "own_seconds": 0.00001, "measured": True}
    imports = (
        row("kiln", None, None, **kiln),
        row("kiln.core", "kiln", 3, how="ran", measured=False),
        row("kiln.heat", "kiln", 4, phase="predict", **heat),
        row("kiln", "kiln.heat", 1, phase="predict", **kiln),
        row("kiln.ash", "kiln", 9, phase="predict", loaded=False, measured=False),
    )
    trace = TraceFile(imports=imports)
    assert trace.to_json().splitlines()[-4:] == [
        '"times": {',
        '"load": {"all":[214],"own":[64],"estimated":[[0,1]]},',
        '"predict": {"all":[0,null],"own":[0,null],"estimated":[]}',
        "}}",
    ]
    read = again(trace, tmp_path).imports
    seen = [(each.get("seconds"), each.get("own_seconds"), each.get("measured")) for each in read]
    kept = (0.0214, 0.0064, False)
    assert seen == [kept, (None,) * 3, (0.0, 0.0, True), kept, (None,) * 3]


def test_another_time_changes_one_line() -> None:
    texts = [
        TraceFile(imports=(row("kiln", None, None, seconds=took),)).to_json().splitlines()
        for took in (0.5, 0.25)
    ]
    assert len(set(texts[1]) - set(texts[0])) == 1


def test_a_line_more_changes_the_lines_around_it_alone() -> None:
    """So two saves can be compared: what was told by numbers of rows would all be another."""
    before = [row(f"kiln.part{n:04}", "kiln", n) for n in range(100)]
    after = [*before[:50], row("kiln.new", "kiln", 200), *before[50:]]
    texts = [TraceFile(imports=(*rows,)).to_json().splitlines() for rows in (before, after)]
    assert len(set(texts[1]) - set(texts[0])) == 1


def test_a_schema_that_is_old_is_read_as_it_was(tmp_path: Path) -> None:
    told = row("kiln", None, None, order=0, seconds=0.25, measured=True)
    said = {"schema": 1, "python": "3.11.7", "notes": ["a note"], "imports": [told]}
    (tmp_path / "trace.json").write_text(json.dumps(said))
    assert TraceFile.read(tmp_path) == TraceFile(
        python="3.11.7", imports=(told,), notes=("a note",)
    )


def test_deep_imports_name_who_asked(tmp_path: Path) -> None:
    chain = [row(f"m{n}", f"m{n - 1}" if n else None, 1) for n in range(300)]
    trace = TraceFile(imports=(*chain, row("last", "m0", 2)))
    assert '[0,"last",0,"m0",2]' in trace.to_json()
    assert again(trace, tmp_path) == trace
