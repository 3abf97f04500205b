"""Modules imported from an archive travel as files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from modelenv.base.siblings import resolver
from modelenv.folder.code.plan import carry_code


def archive(file: Path, *names: str) -> Path:
    with zipfile.ZipFile(file, "w") as opened:
        for name in names:
            opened.writestr(name, name)
    return file


def carried(file: Path, folder: Path, **modules: str) -> tuple[set[str], tuple[str, ...]]:
    """Carry modules, each by its name with two underscores for a dot; return files, left out."""
    found = [
        resolver.FirstParty(name.replace("__", "."), str(file / inside))
        for name, inside in modules.items()
    ]
    folder.mkdir()
    plan = carry_code(found, (), (), folder)
    assert all(file in source.parents for source in plan.files.values())
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == set(plan.files)
    assert all((folder / place).read_text().endswith(place) for place in plan.files)
    return written, plan.left_out


def test_a_package_is_taken_out_whole_and_what_was_not_imported_stays(tmp_path: Path) -> None:
    file = archive(
        tmp_path / "lib.zip",
        *("pkg/", "pkg/__init__.py", "pkg/lazy.py", "pkg/data/words.txt", "pkg/server.key"),
        *("numpy/__init__.py", "other.py"),
    )
    assert carried(file, tmp_path / "code", pkg="pkg/__init__.py") == (
        {"pkg/__init__.py", "pkg/lazy.py", "pkg/data/words.txt"},
        (str(file / "pkg/server.key"),),
    )


def test_a_module_is_taken_out_with_the_data_beside_it(tmp_path: Path) -> None:
    file = archive(tmp_path / "lib.zip", "solo.py", "words.txt", "tables/a.csv", "tool/run.py")
    found, _ = carried(file, tmp_path / "code", solo="solo.py")
    assert found == {"solo.py", "words.txt", "tables/a.csv"}


def test_a_path_entry_may_be_a_folder_in_it(tmp_path: Path) -> None:
    file = archive(tmp_path / "all.zip", "src/pkg/sub/deep.py", "src/pkg/a.py", "docs/x.txt")
    found, _ = carried(file, tmp_path / "code", pkg__sub__deep="src/pkg/sub/deep.py")
    assert found == {"pkg/sub/deep.py", "pkg/a.py"}


def test_an_application_and_modules_without_source_are_archives_too(tmp_path: Path) -> None:
    file = archive(tmp_path / "app.pyz", "__main__.py", "core/__init__.pyc", "core/words.txt")
    found, _ = carried(file, tmp_path / "code", core="core/__init__.pyc")
    assert found == {"core/__init__.pyc", "core/words.txt"}


def test_what_would_be_written_elsewhere_is_not(tmp_path: Path) -> None:
    file = archive(tmp_path / "lib.zip", "solo.py", "../out.txt", "a/../../out.txt")
    assert carried(file, tmp_path / "code", solo="solo.py")[0] == {"solo.py"}
    assert not list(tmp_path.rglob("out.txt"))


@pytest.mark.parametrize("name", ["gone.zip/own.py", "text.txt/own.py"])
def test_what_is_no_archive_is_passed_over(name: str, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("no archive")
    module = resolver.FirstParty("own", str(tmp_path / name))
    assert carry_code([module], (), (), tmp_path / "code").files == {}
