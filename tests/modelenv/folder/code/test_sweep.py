"""The files of a code folder that travel."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.folder.code.sweep import sweep

TREE = (
    "__init__.py",
    "core.py",
    "data/table.csv",
    "data/.hidden",
    "__pycache__/core.cpython-311.pyc",
    ".git/config",
    "env/pyvenv.cfg",
    "env/lib/thing.py",
    "tests/test_core.py",
    "tests/helper.py",
    "pkg.egg-info/PKG-INFO",
    ".env",
    "certs/server.pem",
    "credentials.json",
    "credentials.py",
    "id_rsa",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a package with all that lies around in packages."""
    for name in TREE:
        file = tmp_path / "pkg" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "pkg"


def names(paths: tuple[Path, ...], root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in paths}


def test_code_and_data_travel_and_rubbish_does_not(tree: Path) -> None:
    assert names(sweep(tree, keep=()).files, tree) == {
        "__init__.py",
        "core.py",
        "data/table.csv",
        "credentials.py",
    }


def test_secrets_are_left_behind_by_name_and_reported(tree: Path) -> None:
    expected = {".env", "certs/server.pem", "credentials.json", "id_rsa"}
    assert names(sweep(tree).secrets, tree) == expected


def test_tests_travel_where_the_user_named_the_folder(tree: Path) -> None:
    assert "tests/test_core.py" in names(sweep(tree).files, tree)


def test_tests_travel_where_the_run_imported_one_of_them(tree: Path) -> None:
    swept = sweep(tree, keep={tree / "tests" / "helper.py"})
    assert "tests/test_core.py" in names(swept.files, tree)


def test_a_link_that_leads_out_is_a_stray_and_one_that_stays_travels(
    tree: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "passwords.txt").write_text("x")
    (tree / "out.txt").symlink_to(outside / "passwords.txt")
    (tree / "outdir").symlink_to(outside)
    (tree / "again.csv").symlink_to(tree / "data" / "table.csv")
    swept = sweep(tree)
    assert names(swept.strays, tree) == {"out.txt", "outdir"}
    assert "again.csv" in names(swept.files, tree)
    assert not any("passwords" in str(file) for file in swept.files)
