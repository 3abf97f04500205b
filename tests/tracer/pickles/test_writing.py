"""Lazy imports (PEP 810) are pickled as their targets."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tracer import scan_modules, trace_call, write_pickle

pytest.importorskip("cloudpickle")

lazy = pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports are of Python 3.15")
MODELS = {
    "a module": ("lazy import graphlib\ndef f(): return graphlib.__name__", "graphlib"),
    "renamed": ("lazy import graphlib as g\ndef f(): return g.__name__", "graphlib"),
    "dotted": (
        "lazy import xml.dom.minidom\ndef f(): return xml.dom.minidom.__name__",
        "xml.dom.minidom",
    ),
    "dotted and renamed": (
        "lazy import xml.dom.minidom as m\ndef f(): return m.__name__",
        "xml.dom.minidom",
    ),
    "a function": ("lazy from html import escape\ndef f(): return escape('<')", "&lt;"),
    "a class": ("lazy from fractions import Fraction\ndef f(): return str(Fraction(2, 4))", "1/2"),
    "a value": ("lazy from string import digits\ndef f(): return digits[:3]", "012"),
    "a submodule": ("lazy from xml import sax\ndef f(): return sax.__name__", "xml.sax"),
    "in a method": (
        "lazy import graphlib\nclass K:\n  def go(self): return graphlib.__name__\nf = K().go",
        "graphlib",
    ),
}


ABSENT = [
    ("lazy import absent_a", "absent_a", "absent_a"),
    ("lazy from absent_a.b import c", "c", "absent_a.b.c"),
    ("lazy import absent_a.b as d", "d", "absent_a.b"),
    ("lazy from html import absent", "absent", "html.absent"),
]


def test_without_lazy_imports_it_is_cloudpickles() -> None:
    file = io.BytesIO()
    write_pickle(lambda: 7, file)
    assert pickle.loads(file.getvalue())() == 7


@lazy
@pytest.mark.parametrize("kind", MODELS)
def test_what_was_not_used_yet_travels(kind: str, tmp_path: Path) -> None:
    source, value = MODELS[kind]
    scope = {"__name__": "__main__"}
    exec(source, scope)
    file = tmp_path / "model.pkl"
    with file.open("wb") as stream:
        write_pickle(scope["f"], stream)
    program = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb'))())"
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == value
    assert scan_modules(file)


@lazy
@pytest.mark.parametrize(("statement", "name", "named"), ABSENT)
def test_what_is_not_there_is_named(statement: str, name: str, named: str) -> None:
    scope = {"__name__": "__main__"}
    exec(f"\n{statement}\ndef f(): return {name}", scope)
    with pytest.raises(ImportError) as caught:
        write_pickle(scope["f"], io.BytesIO())
    note = f"what is pickled names the lazy import of {named!r}, at <string>:2"
    assert note in vars(caught.value)["__notes__"]


@lazy
def test_a_call_in_a_fresh_interpreter_takes_it_along() -> None:
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec("lazy import graphlib\ndef f(): return graphlib.__name__", scope)
    called = trace_call(scope["f"])
    assert called.value == "graphlib"
    assert "graphlib" in called.trace.modules
