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
from modelenv.repair.evidence.linking import iter_linking
from modelenv.repair.evidence.touched import is_meant

from ...small_worlds import plain_trace

LIBRARY = "/usr/lib/libsprout.so.1.0.2"


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


def test_a_library_whose_file_has_another_number_is_known_by_the_link_to_it(
    site: Any, tmp_path: Path
) -> None:
    library = tmp_path / "libsprout.so.3.53.4"  # as SQLite's, whose soname is libsqlite3.so.0
    library.write_bytes(b"")
    (tmp_path / "libsprout.so.0").symlink_to(library.name)
    site.install("linked", {"linked.so": "ELF\0libsprout.so.0\0"})
    python = replace(Python.current(), path=(str(site.root),))
    ((found, file),) = iter_linking(str(library), python.installed())
    assert (found.name, file) == ("linked", "linked.so")
    touch = {"kind": "library", "name": str(library)}
    assert is_meant(touch, "libsprout.so.0", None)
    assert not is_meant(touch, "libsprout.so.1", None)
