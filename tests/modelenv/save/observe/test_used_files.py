"""Files a run used that no distribution has, and the code that asked."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from modelenv.base.siblings import resolver, tracer
from modelenv.environments.interpreter import Python
from modelenv.save.observe.used_files import (
    find_used_files,
    on_failure,
    staying_files,
    without_askers,
)
from modelenv.system.used_file import UsedFile

HERE = Python.current()
SCRIPT = Path("/project/.out.1f.partial/model.py")


def find(
    *touches: tracer.Touch,
    installed: Any = None,
    files: tuple[str, ...] = (),
    first_party: tuple[resolver.FirstParty, ...] = (),
) -> tuple[UsedFile, ...]:
    records = [
        tracer.ImportRecord(0, "pkg", file, None, None, None, True, "", "imported")
        for file in files
    ]
    captured: Any = SimpleNamespace(
        job=SimpleNamespace(model=SCRIPT),
        trace=tracer.Trace.of(records, touches=touches),
        python=replace(HERE, base=Path("/opt/python/bin/python3"), executable=Path(sys.executable)),
    )
    installed = installed or resolver.Installed(["/project/src"], resolver.Target.current())
    own = [resolver.FirstParty("modelenv_model_code", str(SCRIPT)), *first_party]
    return find_used_files(captured, installed, own)


def found(*touches: tracer.Touch, **known: Any) -> list[str]:
    return [f"{each.kind} {each}" for each in find(*touches, **known)]


def touch(kind: str, name: str, file: str | None = None, line: int | None = None) -> tracer.Touch:
    return tracer.Touch(kind, name, "predict", file and "own", file, line)


def test_whatever_its_suffix_a_file_is_named_with_the_line_that_asked() -> None:
    assert found(
        touch("file", "/data/rules.py", "/project/src/pkg/run.py", 12),
        touch("library", "/data/libtwo.so", "/elsewhere/run.py", 3),
        touch("program", "/opt/tool/bin/acmewc", "/project/src/pkg/run.py"),
        touch("file", "/data/table.csv"),
        touch("host", "example.org:443"),
        touch("metadata", "numpy"),
    ) == [
        "file /data/rules.py (pkg/run.py:12)",
        "file /data/table.csv",
        "library /data/libtwo.so (/elsewhere/run.py:3)",
        "program /opt/tool/bin/acmewc (pkg/run.py)",
    ]


def test_a_script_that_is_being_saved_is_no_file_that_it_read() -> None:
    asked = touch("file", "/data/rules.csv", str(SCRIPT), 2)
    beside = resolver.FirstParty("plugin", "/data/plugin.py")
    assert found(asked, first_party=(beside,)) == [
        "file /data/plugin.py",
        "file /data/rules.csv (model.py:2)",
    ]


def test_a_function_that_a_pickle_made_is_named_by_its_module() -> None:
    made = touch("file", "/data/a.csv", "<dynamic-code>", 2)
    assert found(made) == ["file /data/a.csv (own:2)"]
    assert found(replace(made, importer=None)) == ["file /data/a.csv (the model:2)"]


def test_who_asked_is_kept_where_another_is_not_known() -> None:
    asked = touch("file", "/data/a.csv", "/project/src/run.py", 2)
    assert found(touch("file", "/data/a.csv"), asked) == ["file /data/a.csv (run.py:2)"]


def test_what_a_distribution_has_is_not_nobodys(site: Any) -> None:
    site.install("lexicon", {"lexicon/__init__.py": "", "lexicon/words.txt": ""})
    (site.root / "lexicon" / "mine.txt").write_text("put there by hand")
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    touches = [
        touch("file", str(site.root / "lexicon" / name)) for name in ("words.txt", "mine.txt")
    ]
    assert found(*touches, installed=installed) == [f"file {site.root}/lexicon/mine.txt"]


def test_interpreters_and_archives_of_modules_are_left_out() -> None:
    assert found(
        touch("file", "/project/lib.zip"),
        touch("file", "/project/other.zip"),
        touch("library", "/opt/python/lib/libmkl.so.2"),
        touch("program", sys.executable),
        files=("/project/lib.zip/pkg/__init__.py",),
    ) == ["file /project/other.zip"]


def test_copies_that_travel_and_what_the_system_has_do_not_stay(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    (tmp_path / "link.txt").symlink_to(tmp_path / "words.txt")
    used = [
        UsedFile("file", str(tmp_path / "link.txt")),
        UsedFile("file", str(tmp_path / "own.txt")),
        UsedFile("file", "/usr/share/zoneinfo/Europe/Berlin"),
        UsedFile("library", "/usr/local/lib/libmine.so"),
        UsedFile("program", "/usr/bin/awk"),
    ]
    left = staying_files(used, [tmp_path / "words.txt"])
    assert [each.path for each in left] == [str(tmp_path / "own.txt"), "/usr/local/lib/libmine.so"]


def test_what_a_distribution_asked_for_that_is_left_out_is_left_out_too() -> None:
    used = [
        UsedFile("file", "/data/a", "pandas/io.py:1", ("pandas",)),
        UsedFile("file", "/data/b", "numpy/io.py:1", ("numpy",)),
        UsedFile("file", "/data/c", "run.py:1"),
    ]
    assert [each.path for each in without_askers(used, {"pandas"})] == ["/data/b", "/data/c"]


def test_the_distribution_whose_code_asked_is_known(site: Any) -> None:
    site.install("lexicon", {"lexicon/__init__.py": ""})
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    asked = touch("file", "/data/a.csv", str(site.root / "lexicon/__init__.py"), 4)
    (used,) = find(asked, installed=installed)
    assert (used.asked_by, used.askers) == ("lexicon/__init__.py:4", ("lexicon",))


def test_a_failed_proof_is_told_who_asked_for_what_it_missed() -> None:
    one = UsedFile("file", "/data/a.csv", "run.py:2")
    two = UsedFile("file", "/project/b.csv", "run.py:3")
    taken = {two.path: ("code/b.csv", "working/b.csv")}
    assert list(on_failure([one], ["/data/a.csv"], {})) == ["/data/a.csv was asked for by run.py:2"]
    (said,) = on_failure([two], ["/project/b.csv"], taken)
    assert said.startswith("/project/b.csv (run.py:3) travels as code/b.csv and working/b.csv")
    used, found = on_failure([one, two], [], taken)
    assert used.startswith("it used files that do not travel: /data/a.csv (run.py:2). artifacts=")
    assert found == "files that travel are found by __file__, or from the working folder"
    assert list(on_failure([], [], {})) == []
