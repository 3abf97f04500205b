from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tracer import system_packages
from tracer.probe.touched import own_libraries


def test_a_library_that_nobody_owns_is_not_known() -> None:
    assert system_packages(["/nowhere/libabsent.so.1"]) == {"/nowhere/libabsent.so.1": None}


def test_the_debian_package_of_a_library_is_found() -> None:
    libraries = [str(each) for each in Path("/usr/lib/x86_64-linux-gnu").glob("libz.so.1")]
    if shutil.which("dpkg-query") is None or not libraries:
        pytest.skip("no dpkg, or no zlib")
    assert system_packages(libraries) == {libraries[0]: "zlib1g"}


def test_mapped_libraries_of_the_interpreter_and_of_distributions_are_left_out() -> None:
    if sys.platform != "linux":
        pytest.skip("no /proc")
    import numpy  # noqa: F401

    found = own_libraries()
    assert not [path for path in found if "site-packages" in path or "libpython" in path]
    assert not [path for path in found if path.startswith(sys.base_prefix + "/")]
