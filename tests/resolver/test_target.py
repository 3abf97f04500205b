"""The target: markers and tags of one interpreter."""

from __future__ import annotations

import pkgutil
import platform
import subprocess
import sys
import zipfile

import pytest
from packaging.markers import Marker, default_environment
from packaging.tags import sys_tags

import resolver
from resolver import ConflictError, Installed, Target, merge, resolve
from resolver.errors import TargetError
from resolver.sources.wheels import WheelFolder
from resolver.target import PLATFORMS


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


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12.4", "3.13"])
@pytest.mark.parametrize("platform_", PLATFORMS)
def test_every_target_has_the_markers_of_an_interpreter_and_its_tags(python, platform_):
    target = Target.of(python, platform_)
    assert set(target.markers) == set(default_environment())
    minor = python.split(".")[1]
    assert f"cp3{minor}-none-any" in target.wheel_tags()
    assert f"cp3{minor}-abi3-{_NEWEST[platform_]}" in target.wheel_tags()
    assert "py3-none-any" in target.wheel_tags()
    assert len(set(target.wheel_tags())) == len(target.wheel_tags())


_NEWEST = {
    "linux/x86_64": "manylinux_2_28_x86_64",
    "linux/aarch64": "manylinux_2_28_aarch64",
    "macos/arm64": "macosx_13_0_arm64",
    "windows/amd64": "win_amd64",
}


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="compares with this machine's glibc")
def test_on_linux_the_order_is_that_of_packaging_from_its_glibc_on():
    here = [tag for tag in map(str, sys_tags()) if "manylinux" in tag]
    machine = platform.machine()
    if f"linux/{machine}" not in PLATFORMS or sys.implementation.name != "cpython":
        pytest.skip("there is no such target")
    version = "{}.{}".format(*sys.version_info)
    made = [t for t in Target.of(version, f"linux/{machine}").wheel_tags() if "manylinux" in t]
    assert made == [tag for tag in here if tag in set(made)]


def test_a_target_decides_which_wheels_and_requirements_count(tmp_path):
    for tag in (
        "cp312-cp312-win_amd64",
        "cp312-cp312-macosx_11_0_arm64",
        "cp312-abi3-linux_x86_64",
    ):
        lines = 'Requires-Dist: w; sys_platform == "win32"\nRequires-Dist: m; os_name == "posix"\n'
        _wheel(tmp_path, "a", tag, lines)
    for name in "wm":
        _wheel(tmp_path, name, "py3-none-any", "")

    def names(python, platform_):
        target = Target.of(python, platform_)
        wanted = merge([], pip_requirements=["a"], target=target)
        folder = [WheelFolder(tmp_path, target)]
        found = resolve(wanted, Installed([], target), sources=folder, index="never")
        return [pin.name for pin in found.pins], found.pins[0].artifacts[0].file

    assert names("3.12", "windows/amd64") == (["a", "w"], "a-1.0-cp312-cp312-win_amd64.whl")
    assert names("3.12", "macos/arm64") == (["a", "m"], "a-1.0-cp312-cp312-macosx_11_0_arm64.whl")
    assert names("3.13", "linux/x86_64")[0] == ["a", "m"]
    with pytest.raises(ConflictError, match="no wheel of it is for this platform"):
        names("3.11", "windows/amd64")


def _wheel(folder, name, tag, lines):
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        header = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        archive.writestr(f"{name}-1.0.dist-info/METADATA", header + lines)


@pytest.mark.parametrize("said", [("2.7", "linux/x86_64"), ("3.12", "linux"), ("3", "macos/arm64")])
def test_what_is_no_target_is_an_error_with_the_way_out(said):
    with pytest.raises(TargetError, match=r"is no target: "):
        Target.of(*said)
