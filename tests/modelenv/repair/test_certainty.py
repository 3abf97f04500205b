"""Certainty of a diagnosis: a name in a message is a guess, whatever else has it."""

from __future__ import annotations

from typing import Any

import pytest

from modelenv.base.siblings import resolver
from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules, diagnose, diagnose_verdict
from modelenv.repair.diagnosis import Diagnosis
from modelenv.repair.reading.failure import Failure
from modelenv.seal.leaks import Leak
from modelenv.worker.verdict import Verdict

SITE = "/env/lib/python3.11/site-packages"


def traceback(last: str, code: str = "call()", file: str = f"{SITE}/lib/mod.py") -> str:
    return (
        "Traceback (most recent call last):\n"
        '  File "/app/serve.py", line 3, in <module>\n    model.predict(data)\n'
        f'  File "{file}", line 7, in f\n    {code}\n{last}\n'
    )


@pytest.fixture
def known(site: Any) -> Knowledge:
    """The folder of a model of `grinder`, and what is installed here besides."""
    site.install("grinder")
    (site.root / "grinder-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: grinder\nVersion: 1.0\nProvides-Extra: hot\n"
        "Requires-Dist: fuel>=1; extra == 'hot'\n"
    )
    site.install("grinder-bin", {"../../../bin/grindbin": "#!/bin/sh\n"}, version="9.0")
    site.install("kiln-runtime", {"kiln_runtime/lib/libkiln.so": ""}, version="12.1")
    site.install("orchard-tables", {"orchard_tables/grades.json": "{}"}, version="3.0")
    site.install("lathe-bits", {"lathe_bits/__init__.py": ""}, version="0.3")
    site.install("wheel", {"wheel/__init__.py": ""})
    return Knowledge(
        pins={"grinder": "1.0"},
        left_out={"paint": "engine.py:4"},
        removed={"brush": "2.0"},
        installed=resolver.Installed([str(site.root)], resolver.Target.current()),
    )


def diagnosed(last: str, known: Knowledge, **how: str) -> Diagnosis:
    return apply_rules(Failure.of_text(traceback(last, **how)), known)


OWNED = {
    "a program that a message asks for": (
        "RuntimeError: grindbin is required to grind",
        ("missing-program", "grinder-bin"),
    ),
    "a program that is not found": (
        "OSError: grindbin not found on PATH",
        ("missing-program", "grinder-bin"),
    ),
    "a library": (
        "OSError: libkiln.so: cannot open shared object file: No such file or directory",
        ("missing-library", "kiln-runtime"),
    ),
    "a library of an environment that is gone": (
        f"OSError: {SITE}/kiln_runtime/lib/libkiln.so: cannot open shared object file: No such",
        ("missing-library", "kiln-runtime"),
    ),
    "a file": (
        "FileNotFoundError: [Errno 2] No such file or directory:"
        f" '{SITE}/orchard_tables/grades.json'",
        ("missing-file", "orchard-tables"),
    ),
    "metadata": (
        "PackageNotFoundError: No package metadata was found for Lathe_Bits",
        ("missing-distribution", "lathe-bits"),
    ),
    "metadata that somebody said more of": (
        "PackageNotFoundError: No package metadata was found for lathe-bits is required for lathe",
        ("missing-distribution", "lathe-bits"),
    ),
    "metadata that transformers asks for": (
        "PackageNotFoundError: No package metadata was found for The 'tokenizers>=0.21'"
        " distribution was not found and is required by this application.\n"
        "Try: pip install transformers -U",
        ("missing-distribution", "tokenizers"),
    ),
    "an extra of what is pinned": (
        "GrinderDependencyError: fuel is required for hot grinding",
        ("missing-module", "fuel"),
    ),
    "what pandas asks for": (
        "ImportError: Missing optional dependency 'tabulate'.  Use pip or conda to install it.",
        ("missing-module", "tabulate"),
    ),
    "what is installed here": (
        "ImportError: please install lathe-bits to turn",
        ("missing-module", "lathe-bits"),
    ),
    "what was left out": (
        "ImportError: paint is not installed",
        ("missing-module", "paint"),
    ),
    "what an edit took out": (
        "RuntimeError: brush is not installed",
        ("missing-module", "brush"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OWNED)
def test_what_record_or_metadata_says_is_certain(what: str, known: Knowledge) -> None:
    last, expected = OWNED[what]
    found = diagnosed(last, known)
    assert (found.rule, found.subject) == expected, str(found)
    assert found.certain
    assert found.edit is not None
    assert found.edit.requirement == known.requirement(expected[1])
    assert SITE not in f"{found.problem} {found.subject} {found.remedy}"


GUESSED = {
    "a package that nothing is known of": (
        "ImportError: please pip install petal-engine",
        ("missing-module", "petal-engine"),
    ),
    "an import that failed": (
        "ImportError: `petal` is required for blooming",
        ("missing-module", "petal"),
    ),
    "what is called as something that is installed": (
        "ValueError: wheel not found on this vehicle",
        ("missing-module", "wheel"),
    ),
}


@pytest.mark.parametrize("what", GUESSED)
def test_a_name_in_a_message_is_a_guess(what: str, known: Knowledge) -> None:
    last, expected = GUESSED[what]
    found = diagnosed(last, known)
    assert (found.rule, found.subject) == expected, str(found)
    assert not found.certain


UNNAMED = {
    "a program": "RuntimeError: millbin is required to grind",
    "a column": "ValueError: price is required for this model",
    "a file": "OSError: config not found",
    "a program that is called as a module is": "RuntimeError: git is required to fetch the weights",
    "a pinned one": "RuntimeError: grinder is required to run first",
    "prose": "PackageNotFoundError: No package metadata was found for please ask the team",
}


@pytest.mark.parametrize("what", UNNAMED)
def test_a_message_that_names_no_distribution_is_taken_for_none(
    what: str, known: Knowledge
) -> None:
    found = diagnosed(UNNAMED[what], known)
    assert (found.rule, found.certain, found.edit) == ("model-raised", False, None), str(found)


def test_a_library_of_a_pin_is_in_the_version_that_has_it(known: Knowledge) -> None:
    pins = {**known.pins, "kiln-runtime": "11.0"}
    last = "OSError: libkiln.so: cannot open shared object file: No such file or directory"
    found = diagnosed(last, Knowledge(pins=pins, installed=known.installed))
    assert (found.rule, found.subject) == ("other-version", "kiln-runtime")
    assert str(found.edit) == "require kiln-runtime==12.1"


def test_what_the_trace_saw_used_is_told_with_the_line(known: Knowledge) -> None:
    touch = {
        "kind": "program",
        "name": "/old/bin/grindbin",
        "importer_file": "grinder.py",
        "line": 7,
    }
    seen = Knowledge(pins=known.pins, installed=known.installed, touches=(touch,))
    found = diagnosed("GrindError: cannot run grindbin", seen)
    assert (found.rule, found.subject, found.certain) == ("missing-program", "grinder-bin", True)
    assert "the trace saw it started by grinder.py:7" in found.evidence
    assert diagnosed("GrindError: cannot run grindbin", known).rule == "model-raised"


def test_metadata_that_the_trace_saw_looked_up_is_no_more_than_a_guess(known: Knowledge) -> None:
    touch = {"kind": "metadata", "name": "Lathe-Bits", "importer_file": "lathe.py", "line": 5}
    seen = Knowledge(pins=known.pins, installed=known.installed, touches=(touch,))
    found = diagnosed("LatheError: no Lathe-Bits, no turning", seen)
    assert (found.subject, found.certain) == ("lathe-bits", False)
    assert "the trace saw it looked up by lathe.py:5" in found.evidence


def test_a_module_of_one_s_own_is_not_its_namesake_s(site: Any) -> None:
    site.install("toolbox", {"tools/__init__.py": ""})
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    last = "ModuleNotFoundError: No module named 'tools.own'"
    travelling = Knowledge(code=frozenset({"tools"}), installed=installed)
    found = diagnosed(last, travelling)
    assert (found.rule, found.certain) == ("missing-own-code", True)
    assert diagnosed(last, Knowledge(installed=installed)).subject == "toolbox"


def test_a_traced_module_that_nobody_has_here_may_be_one_s_own(site: Any) -> None:
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    record = {"name": "petals", "loaded": True, "file": "petals.py"}
    last = "ModuleNotFoundError: No module named 'petals'"
    known = Knowledge(imports=(record,), installed=installed)
    found = diagnosed(last, known)
    assert (found.rule, found.certain) == ("missing-own-code", False)
    (site.root / "petals.py").write_text("")
    assert diagnosed(last, known).certain


def test_a_well_known_name_is_one_s_own_where_the_file_is(site: Any) -> None:
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    record = {"name": "magic", "loaded": True, "file": "magic.py"}
    last = "ModuleNotFoundError: No module named 'magic'"
    known = Knowledge(imports=(record,), installed=installed)
    assert diagnosed(last, known).subject == "python-magic"
    (site.root / "magic.py").write_text("")
    assert diagnosed(last, known).rule == "missing-own-code"


def test_a_version_that_is_merely_installed_here_is_a_guess(site: Any) -> None:
    site.install("shelf", {"shelf.py": ""}, version="2.0")
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    last = "ImportError: cannot import name 'Book' from 'shelf'"
    known = Knowledge(pins={"shelf": "1.0"}, installed=installed)
    found = diagnosed(last, known)
    assert (str(found.edit), found.certain) == ("require shelf==2.0", False)


def test_a_module_that_the_version_here_has_by_record_is_certain(site: Any) -> None:
    site.install("shelf", {"shelf/book.py": ""}, version="2.0")
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    known = Knowledge(pins={"shelf": "1.0"}, installed=installed)
    found = diagnosed("ModuleNotFoundError: No module named 'shelf.book'", known)
    assert (str(found.edit), found.certain) == ("require shelf==2.0", True)
    found = diagnosed("ModuleNotFoundError: No module named 'shelf.page'", known)
    assert (str(found.edit), found.certain) == ("require shelf==2.0", False)


@pytest.mark.parametrize(
    ("text", "certain"), [("Out of memory: killed process 7\n", True), ("Killed\n", False)]
)
def test_a_kill_is_for_memory_where_somebody_says_so(text: str, certain: bool) -> None:
    found = apply_rules(Failure.of_text(text), Knowledge())
    assert (found.rule, found.certain) == ("out-of-memory", certain)


def test_what_an_edit_took_out_comes_back_at_its_version(known: Knowledge) -> None:
    found = diagnosed("ImportError: brush is not installed", known)
    assert str(found.edit) == "require brush==2.0"
    assert "an edit of the folder took brush 2.0 out" in found.evidence


def test_a_leak_names_its_distribution(known: Knowledge) -> None:
    leak = Leak("library", "/here/libkiln.so", "kiln-runtime==12.1")
    verdict = Verdict(status="fails", where="a replica", reason="OSError: no", leaks=(leak,))
    found = diagnose_verdict(verdict, known)
    assert (found.subject, str(found.edit)) == ("kiln-runtime", "require kiln-runtime==12.1")


def test_of_a_model_that_raised_its_own_line_is_told_first() -> None:
    traceback = """\
Traceback (most recent call last):
  File "/home/me/churn/rules.py", line 3, in discount
    return json.loads(text)
  File "/usr/lib/python3.12/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
"""
    found = diagnose(traceback)
    assert found.evidence == (
        "/home/me/churn/rules.py:3: return json.loads(text)",
        "/usr/lib/python3.12/json/decoder.py:353: obj, end = self.scan_once(s, idx)",
    )
