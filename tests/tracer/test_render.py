from __future__ import annotations

from tracer import ImportRecord, Touch, Trace


def edge(order: int, name: str, importer: str | None, **more: object) -> ImportRecord:
    values: dict[str, object] = {
        "file": f"/lib/{name}.py",
        "importer_file": f"/lib/{importer}.py" if importer else "/app/main.py",
        "line": 3,
        "loaded": True,
        "phase": "",
        "how": "imported",
        "seconds": 0.01,
        "own_seconds": 0.004,
        "measured": True,
        **more,
    }
    return ImportRecord(order, name, importer=importer, **values)  # type: ignore[arg-type]


SEEN = Trace.of(
    [
        edge(0, "pandas", None),
        edge(1, "pandas.io", "pandas", measured=False),
        edge(2, "fsspec", "pandas.io", loaded=False, seconds=None, own_seconds=None),
        edge(3, "numpy", "pandas", seconds=0.5, own_seconds=0.5),
        edge(4, "numpy", "main", how="ran", seconds=None, own_seconds=None),
        edge(5, "os", "main", how="ran", seconds=None, own_seconds=None),
    ],
    ["unseen: python -I"],
    [Touch("host", "example.org:443")],
)


def test_the_chain_leads_from_the_block_to_the_module() -> None:
    assert [(r.name, r.importer) for r in SEEN.why("numpy")] == [
        ("pandas", None),
        ("numpy", "pandas"),
    ]
    assert [r.name for r in SEEN.why("fsspec")] == ["pandas", "pandas.io", "fsspec"]
    assert SEEN.why("absent") == ()


def test_a_circle_of_imports_has_an_end() -> None:
    circle = Trace.of([edge(0, "a", "b"), edge(1, "b", "a")])
    assert [r.name for r in circle.why("a")] == ["b", "a"]
    assert circle.tree() == "the block"


def test_the_tree_is_indented_below_the_importer() -> None:
    assert SEEN.tree().splitlines() == [
        "the block",
        "  pandas  10.0 ms",
        "    pandas.io  <= 10.0 ms",
        "    numpy  500.0 ms",
        "  os  (ran)",
    ]
    assert SEEN.tree(depth=1).splitlines() == ["the block", "  pandas  10.0 ms", "  os  (ran)"]


def test_the_table_has_a_line_for_each_package_and_the_rest_after_it() -> None:
    assert SEEN.table(limit=2).splitlines() == [
        "package  modules  own ms  first asked for by",
        "numpy          1   500.0  pandas.py:3",
        "pandas         2     8.0  main.py:3",
        "1 more packages",
        "host: example.org:443",
        "unseen: python -I",
        "4 modules of 3 packages, 1 not found",
    ]
