"""The target: markers and tags of one interpreter."""

from __future__ import annotations

import pkgutil
import platform
import subprocess
import sys

from packaging.markers import Marker, default_environment
from packaging.tags import sys_tags

import resolver
from resolver import Target


def test_the_current_target_is_this_interpreter():
    target = Target.current()
    assert target.markers == default_environment()
    assert target.python_version == platform.python_version()


def test_tags_of_this_interpreter_are_computed_when_they_are_asked_for():
    target = Target.current()
    assert target.tags is None
    assert target.wheel_tags() == tuple(map(str, sys_tags()))


def test_tags_that_are_given_are_kept(world):
    assert world.target().wheel_tags() == ("py3-none-any",)


def test_markers_are_those_of_the_target_and_not_of_this_interpreter(world):
    marker = Marker("python_version == '3.8' and sys_platform == 'win32'")
    assert world.target(python_version="3.8", sys_platform="win32").admits(marker)
    assert not world.target().admits(marker)
    assert world.target().admits(None)


def test_a_marker_sees_the_extra_that_is_asked_for(world):
    marker = Marker("extra == 'plot'")
    assert world.target().admits(marker, "plot")
    assert not world.target().admits(marker)


def test_importing_the_package_imports_nothing_that_it_needs():
    code = "import sys, resolver; print(sorted(m for m in sys.modules if 'packaging' in m))"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_ROOT
    )
    assert out.stdout == "[]\n"


def test_what_is_published_is_there_and_sorted():
    assert dir(resolver) == sorted(resolver.__all__)
    assert all(getattr(resolver, name) is not None for name in resolver.__all__)


def test_no_published_name_is_hidden_by_a_module_of_that_name():
    modules = {module.name for module in pkgutil.iter_modules(resolver.__path__)}
    assert not modules & set(resolver.__all__)


def test_a_name_that_is_not_published_is_an_attribute_error():
    assert not hasattr(resolver, "nothing")


_ROOT = resolver.__path__[0] + "/.."
