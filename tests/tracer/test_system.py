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
