"""Links to a shared library are read from the compiled files themselves."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.environments.interpreter import Python
from modelenv.repair.evidence.linking import iter_linking, short_names

from ...small_worlds import plain_trace

LIBRARY = "/usr/lib/libsprout.so.1.0.2"


@pytest.mark.parametrize(
    ("library", "names"),
    [
        (LIBRARY, ["libsprout.so.1.0.2", "libsprout.so.1.0", "libsprout.so.1"]),
        ("libsprout.so", ["libsprout.so"]),
        ("/usr/lib/libsprout.dylib", ["libsprout.dylib"]),
    ],
)
def test_a_library_is_linked_by_its_short_names(library: str, names: list[str]) -> None:
    assert short_names(library) == names


def test_the_files_that_name_it_are_found(site: Any) -> None:
    site.install("linked", {"linked/a.so": "", "linked/b.so": "ELF\0libc.so.6\0libsprout.so.1\0"})
    site.install("longer", {"longer.so": "ELF\0mylibsprout.so.1\0libsprout.so.10\0"})
    site.install(
        "text", {"text.py": "x = '\\0libsprout.so.1\\0'\n", "text.txt": "\0libsprout.so.1\0"}
    )
    site.install("gone", {"gone.so": "ELF"})
    (site.root / "gone.so").unlink()
    python = replace(Python.current(), path=(str(site.root),))
    found = [(each.name, file) for each, file in iter_linking(LIBRARY, python.installed())]
    assert found == [("linked", "linked/b.so")]


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are seen in /proc")
def test_why_tells_who_links_to_a_library_of_the_system(
    own_site: Any, project: Any, target: Path
) -> None:
    own_site.install("linked", {"linked.py": "", "_linked.so": "ELF\0libsprout.so.1\0"})
    model = project.model("import linked\nreturn 1")
    modelenv.save_model(model, target, input_example=1)
    trace = plain_trace(target)
    trace["touches"] = [{"kind": "library", "name": LIBRARY, "phase": "predict"}]
    (target / "trace.json").write_text(json.dumps(trace))
    for asked in (LIBRARY, "libsprout.so.1.0.2", "libsprout.so.1"):
        found = modelenv.why(target, asked)
        assert found.kind == "library"
        assert str(found.chains[0]).endswith(f"-> {LIBRARY} (_linked.so links to it)")
