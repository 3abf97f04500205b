from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tracer import system_packages


def test_a_library_that_nobody_owns_is_not_known() -> None:
    assert system_packages(["/nowhere/libabsent.so.1"]) == {"/nowhere/libabsent.so.1": None}


def test_the_debian_package_of_a_library_is_found() -> None:
    libraries = [str(each) for each in Path("/usr/lib/x86_64-linux-gnu").glob("libz.so.1")]
    if shutil.which("dpkg-query") is None or not libraries:
        pytest.skip("no dpkg, or no zlib")
    assert system_packages(libraries) == {libraries[0]: "zlib1g"}


def test_programs_and_files_have_packages_too() -> None:
    files = {"/usr/bin/env": "coreutils", "/usr/share/zoneinfo/UTC": "tzdata"}
    there = {file: package for file, package in files.items() if Path(file).exists()}
    if shutil.which("dpkg-query") is None or not there:
        pytest.skip("no dpkg, or none of the files")
    assert system_packages([*there, "no-path", "/usr/bin/e*"]) == {
        **there,
        "no-path": None,
        "/usr/bin/e*": None,
    }


def test_a_name_that_stands_for_another_has_the_package_of_that_one() -> None:
    if shutil.which("dpkg-query") is None or not Path("/usr/bin/awk").is_symlink():
        pytest.skip("no dpkg, or no alternatives")
    real = str(Path("/usr/bin/awk").resolve())
    found = system_packages(["/usr/bin/awk", real])
    assert found["/usr/bin/awk"] == found[real] is not None
