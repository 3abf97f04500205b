"""In a notebook an error shows the user's own lines and the message."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import modelenv
from modelenv.base.errors import ModelenvError

CELL = "/tmp/ipykernel_7/123.py"


def cell(text: str, name: str = CELL) -> CodeType:
    """Compile a cell as a kernel does: with its source at hand."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec")


def shown(code: CodeType, **space: Any) -> list[str]:
    with pytest.raises(ModelenvError) as caught:
        exec(code, {"modelenv": modelenv, **space})
    return caught.value._render_traceback_()


@pytest.mark.parametrize("name", [CELL, "<ipython-input-1-0123456789ab>"])
def test_the_line_of_the_cell_and_the_message_are_all(name: str, tmp_path: Path) -> None:
    text = "def check(place):\n    modelenv.verify(place)\ncheck(place)\n"
    lines = shown(cell(text, name), place=tmp_path / "absent")
    outer, inner, said, left_out = lines[-4:]
    assert f'"{name}", line 3, in <module>' in outer
    assert "check(place)" in outer
    assert f'"{name}", line 2, in check' in inner
    assert said.startswith("BadFolderError: ")
    assert said.endswith(" there is no such folder [ME0201]")
    assert left_out.startswith("(the frames of modelenv are left out")
    assert "doors.py" not in "\n".join(lines)


def test_an_error_of_the_users_code_shows_where_it_was_raised(tmp_path: Path) -> None:
    text = (
        "class Model:\n"
        "    def __reduce__(self):\n"
        "        raise ValueError('not so')\n"
        "    def predict(self, data):\n"
        "        return data\n"
        "modelenv.save_model(Model(), place, input_example=1)\n"
    )
    lines = "\n".join(shown(cell(text), place=tmp_path / "m", __name__="own_cell"))
    assert f'"{CELL}", line 3, in __reduce__' in lines
    assert "ValueError: not so\n" in lines
    assert f'"{CELL}", line 6, in <module>' in lines
    assert "doors.py" not in lines


def test_the_code_that_is_named_prints_all_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelenvError) as caught:
        modelenv.verify(tmp_path / "absent")
    *_, left_out = caught.value._render_traceback_()
    for name in ("last_exc", "last_value"):  # as Python and IPython set them, by their version
        monkeypatch.setattr(sys, name, caught.value, raising=False)
    exec(left_out.split("`")[1], {})
    assert "doors.py" in capsys.readouterr().err
