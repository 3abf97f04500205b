"""The lists of other tools that are closed, and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfiles import read_folder
from modelenv.pins.closed_lists import closing_roots

HASH = "--hash=sha256:" + "0" * 64
MLFLOW = "# Original requirements\n# a[x]>1\n# Not, a line\n#\n# Locked requirements\n"
UV = """\
version = 1
[[package]]
name = "a"
version = "1"
source = { registry = "r" }
dependencies = [{ name = "b", marker = "python_version < '3.9'" }, { name = "c" }]
[[package]]
name = "b"
version = "1"
[[package]]
name = "c"
version = "1"
[[package]]
name = "c"
version = "2"
[[package]]
name = "own"
version = "0"
source = { virtual = "." }
dependencies = [{ name = "a" }]
[package.dev-dependencies]
dev = [{ name = "d" }]
[[package]]
name = "d"
version = "1"
"""
PYLOCK = 'lock-version = "1.0"\ncreated-by = "x"\n' + "".join(
    f'[[packages]]\nname = "{name}"\nversion = "1"\n' for name in "ab"
)


def roots(folder: Path, lines: str, **files: str) -> set[str] | None:
    (folder / "python_env.yaml").write_text("python: 3.11.7\n")
    (folder / "requirements.txt").write_text(lines)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    found = closing_roots(folder, read_folder(folder, lock=False))
    return None if found is None else set(found)


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        ("a==1\nb==1\n", {}, None),
        ("", {}, None),
        (f"a==1 {HASH}\nb==1 {HASH}\n", {}, {"a", "b"}),
        (f"a==1 {HASH}\nb==1\n", {}, None),
        (f"a==1 {HASH}\nb; python_version < '3.9'\n", {}, {"a", "b"}),
        (f"a==1 {HASH}\nb; python_version > '3.9'\n", {}, None),
        (f"{MLFLOW}a==2\nb==1\n", {}, {"a"}),
        ("# Locked requirements\na==2\n", {}, None),
        ("a==1\nb==1; python_version < '3.9'\nc==2\n", {"uv_lock": UV}, {"a"}),
        ("a==1\n", {"uv_lock": UV}, None),
        ("a==1\nb==1\nc==3\n", {"uv_lock": UV}, None),
        ("a==1\nb==1\nc==1\nmlflow==2\n", {"uv_lock": UV}, None),
        ("a==1\nb==1\nc\n", {"uv_lock": UV}, None),
        ("a==1\nb==1\nc @ https://host/c-1.zip\n", {"uv_lock": UV}, {"a"}),
        ("a==1\nb==1\n", {"pylock_toml": PYLOCK}, {"a", "b"}),
        ("a==1\n", {"pylock_toml": PYLOCK}, None),
        ("a==1\n", {"pylock_toml": f"{PYLOCK}marker = 'python_version < \"3.9\"'\n"}, {"a"}),
        ("a==1\n", {"pylock_toml": f"{PYLOCK}marker = 'python_version > \"3.9\"'\n"}, None),
        ("a==1\nb==1\n", {"pylock_toml": PYLOCK.replace('"a"', '"A"')}, {"a", "b"}),
        ("a==1\nc==2\n", {"uv_lock": UV}, {"a"}),
        ("a==1\nc==2\n", {"uv_lock": UV.replace("< '3.9'", "> '3.9'")}, None),
        ("a==1\nc==2\n", {"uv_lock": UV.replace("< '3.9'", "of '3.9'")}, None),
    ],
)
def test_a_lock_closes_a_list(
    lines: str, files: dict[str, str], expected: set[str] | None, tmp_path: Path
) -> None:
    assert roots(tmp_path, lines, **files) == expected


def test_mlflows_lock_is_told_where_conda_yaml_is_all_there_is(tmp_path: Path) -> None:
    items = [*MLFLOW.splitlines(), "a==2", "b==1"]
    text = "".join(f"  - '{item}'\n" for item in items)
    (tmp_path / "conda.yaml").write_text(f"dependencies:\n- python=3.11.7\n- pip:\n{text}")
    assert closing_roots(tmp_path, read_folder(tmp_path, lock=False)) == frozenset({"a"})


def test_a_lock_of_uvs_that_is_no_toml_closes_nothing(tmp_path: Path) -> None:
    assert roots(tmp_path, "a==1\n", uv_lock="[[") is None


def test_a_pylock_that_is_no_toml_closes_nothing(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text("[[")
    assert roots(tmp_path, "a==1\n") is None


@pytest.mark.parametrize(
    "lock",
    [
        "package = [1]",
        'package = "a"',
        '[[package]]\nversion = "1"',
        '[[package]]\nname = "a"\nversion = "1"\ndependencies = "b"',
        '[[package]]\nname = "a"\nversion = "1"\nsource = "virtual"',
        '[[package]]\nname = "a"\nversion = "1"\ndependencies = [{ version = "2" }, 3]',
    ],
)
def test_a_lock_of_uvs_of_another_shape_is_no_error(tmp_path: Path, lock: str) -> None:
    assert roots(tmp_path, "a==1\n", uv_lock=lock) in (None, frozenset())
