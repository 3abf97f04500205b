"""A settled environment equals its lock, and has the same bytes twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import InvalidVersion, Version

from modelenv.ship.inside import settle

SCRIPT = Path(settle.__file__)
SPELLINGS = (
    *("1.0", "1", "1.0.0", "1.0.1", "10", "1.10", "0", "0.0", "2026.1", "1!1.0", "1.0.dev1"),
    *("1.0a1", "1.0-alpha.1", "1.0.a.1", "1.0ALPHA1", "1.0b1", "1.0rc1", "1.0c1", "1.0-pre-1"),
    *("1.0.post1", "1.0-1", "1.0-rev1", "1.0+a.b", "1.0+a-b", "1.0+A_B", "v1.0", "1.0a1.post2"),
    *("1.0+1", "1.0+01", "1.01", "1.0.post01", "1.0rc1.dev2", "1.0a1-1", "1.0a1.post1"),
)


def site(prefix: Path) -> Path:
    folder = prefix / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def install(prefix: Path, name: str, version: str) -> None:
    info = site(prefix) / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n")


@pytest.mark.parametrize("one", SPELLINGS)
def test_versions_are_compared_as_packaging_does(one: str) -> None:
    for other in SPELLINGS:
        same = settle.version_key(one) == settle.version_key(other)
        assert same is (Version(one) == Version(other)), (one, other)
    with pytest.raises(InvalidVersion):
        Version("x")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Al_pha==1.0 --hash=sha256:00"], []),
        (["--index-url https://a/simple", "# why", "alpha[x]==1.0 ; os_name == 'posix'"], []),
        (["alpha==1.1"], ["alpha==1.1 is there at 1.0"]),
        (["alpha==1", "beta==2"], ["beta==2 is missing"]),
        ([], ["al-pha==1.0 is in no line of it"]),
    ],
)
def test_an_environment_is_what_its_lock_says(
    tmp_path: Path, lines: list[str], said: list[str]
) -> None:
    name = "Al.Pha" if "Al_pha" in "".join(lines) or not lines else "Alpha"
    install(tmp_path, name, "1.0")
    assert [*settle.differing(settle.locked(lines), settle.installed(tmp_path))] == said


def test_it_says_what_differs_and_ends(tmp_path: Path) -> None:
    install(tmp_path / "environment", "alpha", "1.0")
    (tmp_path / "lock.txt").write_text("beta==1.0\n")
    words = [sys.executable, str(SCRIPT), "environment", "environment", "lock.txt"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "alpha==1.0 is in no line of it\nbeta==1.0 is missing" in ended.stderr


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_everything_has_one_time_and_can_be_read_by_everybody(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (folder / "code").mkdir(parents=True)
    for name, mode in {"secret.pkl": 0o600, "run.sh": 0o700, "code/own.py": 0o640}.items():
        (folder / name).write_text("")
        (folder / name).chmod(mode)
    (folder / "link").symlink_to("nowhere")
    (folder / "code").chmod(0o700)
    settle.main(["model", str(folder)])
    modes = {path.name: path.lstat().st_mode & 0o777 for path in folder.rglob("*")}
    assert modes["secret.pkl"] == modes["own.py"] == 0o644
    assert modes["run.sh"] == modes["code"] == 0o755
    assert {path.lstat().st_mtime for path in (folder, *folder.rglob("*"))} == {settle.EPOCH}


def test_bytecode_is_the_same_whenever_and_by_whatever_seed_it_was_compiled(tmp_path: Path) -> None:
    found = []
    for number, seed in enumerate(("0", "0")):
        prefix = tmp_path / str(number)
        install(prefix, "alpha", "1.0")
        (site(prefix) / "alpha.py").write_text("x = 'a' in {'b', 'c', 'd'}\n")
        (site(prefix) / "old.py").write_text("print 'Python 2'\n")
        os.utime(site(prefix) / "alpha.py", (number, number))
        (tmp_path / "lock.txt").write_text("alpha==1.0\n")
        words = [sys.executable, str(SCRIPT), "environment", str(prefix), f"{tmp_path}/lock.txt"]
        # The same path twice: bytecode holds it.
        subprocess.run(words, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True)
        (compiled,) = site(prefix).rglob("*.pyc")
        data = compiled.read_bytes()
        assert data[4:8] == b"\x03\0\0\0"  # by the hash of the source, which is looked at (PEP 552)
        found.append(data.replace(str(prefix).encode(), b"/p"))
    assert found[0] == found[1]


@pytest.mark.parametrize("version", ["3.1", "3.99", "2.7"])
def test_another_python_is_refused_with_the_base_to_name(version: str) -> None:
    words = [sys.executable, str(SCRIPT), "python", version]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"needs {version}: name another base (--base), as python:{version}-slim" in ended.stderr


def test_the_python_of_the_model_is_taken() -> None:
    settle.main(["python", "{}.{}".format(*sys.version_info)])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_uv_notes_of_a_day_goes_with_its_line_and_nothing_else(
    tmp_path: Path, end: str
) -> None:
    install(tmp_path, "alpha", "1.0")
    install(tmp_path, "beta", "2.0")
    alpha, beta = sorted(site(tmp_path).glob("*.dist-info"))
    (tmp_path / ".lock").write_text("")
    (alpha / "uv_cache.json").write_text("{}")
    kept = ["alpha/uv_cache.json,sha256=00,2", "alpha-1.0.dist-info/METADATA,,", "ü.py,,"]
    gone = "alpha-1.0.dist-info/uv_cache.json,sha256=11,2"
    record = end.join([kept[0], gone, *kept[1:], ""])
    (alpha / "RECORD").write_bytes(record.encode())
    (beta / "RECORD").write_bytes(record.encode())
    settle.forget_times(tmp_path)
    assert not (alpha / "uv_cache.json").exists()
    assert not (tmp_path / ".lock").exists()
    assert (alpha / "RECORD").read_bytes() == end.join([*kept, ""]).encode()
    assert (beta / "RECORD").read_bytes() == record.encode()
    settle.forget_times(tmp_path)
