"""Our list of installed distributions agrees with pip's."""

from __future__ import annotations

import subprocess
import sys

import pytest

from resolver import Installed
from resolver.errors import PipCheckError
from resolver.installed.pip_check import PipDifference, differences, installed_according_to_pip


def test_pip_and_we_read_the_same_of_this_interpreter():
    pytest.importorskip("pip")
    said = installed_according_to_pip(sys.executable)
    assert said
    assert [str(each) for each in differences(Installed.current(), said, said)] == []


def test_what_differs_is_named_with_both_versions(world):
    world.add("a", "1.0")
    world.add("b", "1.0")
    found = differences(world.installed(), {"a": "2.0", "c": "1.0"})
    assert found == (
        PipDifference("a", "1.0", "2.0"),
        PipDifference("b", "1.0", None),
        PipDifference("c", None, "1.0"),
    )
    assert str(found[2]) == "c: read as absent, pip says 1.0"
    assert differences(world.installed(), {"a": "2.0"}, ["B"]) == found[1:2]


def test_an_interpreter_that_cannot_be_asked_is_an_error_that_names_it(tmp_path):
    missing = str(tmp_path / "python")
    with pytest.raises(PipCheckError, match="pip could not say"):
        installed_according_to_pip(missing)


def test_asking_is_late(tmp_path):
    code = "import resolver.installed.pip_check, sys; assert 'pip_api' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
