"""Wheels of variants (PEP 825) are passed over on pages and in folders, as by pip and uv."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from resolver import ConflictError, Installed, Target, find_artifacts, merge, resolve
from resolver.index.session import Access
from resolver.sources.index import IndexSource
from resolver.sources.wheels import WheelFolder

from ..small_worlds import write_source, write_wheel

TARGET = Target.current()
NAMES = [
    "alpha-{}-py3-none-any-cu126.whl",
    "alpha-{}-7-py3-none-any-x86_64_v3.whl",
    "alpha-{}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64-null.whl",
]


@pytest.fixture(params=["page", "folder"])
def source(request: pytest.FixtureRequest, tmp_path: Path, index: Any) -> Any:
    """What makes a source of the files in a folder: a page of an index, or the folder itself."""

    def made() -> Any:
        if request.param == "folder":
            return WheelFolder(tmp_path / "files", TARGET)
        for file in (tmp_path / "files").iterdir():
            index.add(file)
        return IndexSource(f"{index.url}/simple/", TARGET, Access())

    return made


def variant(folder: Path, name: str, version: str) -> str:
    """Write the wheel of a variant: it asks for what nobody has."""
    file = write_wheel(folder / "made", "alpha", version, ["nobodys"])
    (folder / "files").mkdir(exist_ok=True)
    return file.rename(folder / "files" / name.format(version)).name


def chosen(source: Any, line: str) -> Any:
    merged = merge((), pip_requirements=[line], target=TARGET)
    return resolve(merged, Installed((), TARGET), sources=[source])


@pytest.mark.parametrize("name", NAMES)
def test_others_beside_it_are_taken(name: str, tmp_path: Path, source: Any) -> None:
    variant(tmp_path, name, "2.0")
    file = write_wheel(tmp_path / "files", "alpha", "2.0")
    there = source()
    (pin,) = chosen(there, "alpha").pins
    assert str(pin.requirement) == "alpha==2.0"
    found = find_artifacts([pin], TARGET, sources=[there]).files["alpha"]
    assert [each.file for each in found] == [file.name]


@pytest.mark.parametrize("name", NAMES)
def test_an_older_version_is_taken_where_there_is_no_other(
    name: str, tmp_path: Path, source: Any
) -> None:
    variant(tmp_path, name, "2.0")
    write_wheel(tmp_path / "files", "alpha", "1.0")
    (pin,) = chosen(source(), "alpha").pins
    assert str(pin.requirement) == "alpha==1.0"


@pytest.mark.parametrize("name", NAMES)
def test_one_that_is_all_there_is_is_named(name: str, tmp_path: Path, source: Any) -> None:
    file = variant(tmp_path, name, "2.0")
    with pytest.raises(ConflictError) as caught:
        chosen(source(), "alpha==2.0")
    reason = f"all its files are wheels of variants, which no installer takes: {file}"
    assert reason in str(caught.value)


def test_it_does_not_say_what_a_source_requires(tmp_path: Path, source: Any) -> None:
    variant(tmp_path, NAMES[0], "2.0")
    write_source(tmp_path / "files", "alpha", "2.0")
    there = source()
    (candidate,) = there.candidates("alpha")
    assert there.unstated(candidate)


def test_one_for_another_platform_beside_it_is_the_reason(tmp_path: Path, source: Any) -> None:
    variant(tmp_path, NAMES[0], "2.0")
    file = write_wheel(tmp_path / "made", "alpha", "2.0")
    file.rename(tmp_path / "files" / "alpha-2.0-cp27-cp27m-win32.whl")
    with pytest.raises(ConflictError, match="no wheel of it is for this platform and Python"):
        chosen(source(), "alpha==2.0")


@pytest.mark.slow
def test_pip_and_uv_pass_it_over(tmp_path: Path, uv: str) -> None:
    for name in NAMES:
        variant(tmp_path, name, "2.0")
    write_wheel(tmp_path / "files", "alpha", "1.0")
    places = ["--no-index", "--find-links", str(tmp_path / "files"), "--dry-run", "alpha"]
    by_pip = [sys.executable, "-m", "pip", "--isolated", "install", "--ignore-installed", *places]
    by_uv = [uv, "pip", "install", "--no-config", "--python", sys.executable, *places]
    for command in (by_pip, by_uv):
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "1.0" in ended.stdout + ended.stderr
        assert "2.0" not in ended.stdout + ended.stderr.replace(str(tmp_path), "")
