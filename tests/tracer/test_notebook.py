"""What a cell asks for is told apart from what the shell does around it."""

from __future__ import annotations

from tracer import ImportRecord, Touch
from tracer.notebook import of_cell, touched_by_cell


def record(name: str, importer: str | None, how: str = "imported") -> ImportRecord:
    return ImportRecord(0, name, None, importer, None, None, loaded=True, phase="", how=how)


def test_what_the_shell_does_around_a_cell_is_left_out() -> None:
    asked = (
        record("pear", "__main__"),
        record("plum", "pear"),
        record("in_a_child", None),
        record("IPython.display", "__main__"),
        record("traitlets", "plum", "ran"),
    )
    around = (
        record("IPython.core.displayhook", "__main__", "ran"),
        record("pygments", "IPython.core.displayhook"),
        record("pygments.lexer", "pygments"),
        record("tokenize", "IPython.core.inputtransformer2", "ran"),
        record("pygments.token", "pygments.style", "ran"),
    )
    assert set(of_cell((*asked, *around), {"IPython", "ipykernel"})) == set(asked)


def test_modules_that_import_each_other_end_the_search() -> None:
    pair = (record("a", "__main__"), record("b", "a"), record("a", "b"))
    assert set(of_cell(pair, {"IPython"})) == set(pair)
    assert list(of_cell(pair[1:], {"IPython"})) == []


def test_what_a_cell_opens_by_the_shells_function_is_its_own() -> None:
    shell = "IPython.core.interactiveshell"
    mine = Touch("file", "/a.csv", "", "pandas.io.common", "common.py", 7)
    opened = Touch("file", "/b.csv", "", shell, "interactiveshell.py", 339)
    style = Touch("file", "/style.py", "", "IPython.utils.PyColorize", "PyColorize.py", 106)
    assert list(touched_by_cell((mine, opened, style), {"IPython"}, shell)) == [
        mine,
        Touch("file", "/b.csv", "", "__main__"),
    ]
    assert list(touched_by_cell((mine, style), {"IPython"}, None)) == [mine]
