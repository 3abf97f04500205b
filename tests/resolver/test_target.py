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
    published = vars(resolver)["__all__"]
    assert dir(resolver) == sorted(published)
    assert all(getattr(resolver, name) is not None for name in published)


def test_no_published_name_is_hidden_by_a_module_of_that_name():
    modules = {module.name for module in pkgutil.iter_modules(resolver.__path__)}
    assert not modules & set(dir(resolver))


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
    "linux_x86_64": "manylinux_2_28_x86_64",
    "linux_aarch64": "manylinux_2_28_aarch64",
    "macosx_arm64": "macosx_13_0_arm64",
    "macosx_x86_64": "macosx_13_0_x86_64",
}


PYTHONS = [f"3.{minor}" for minor in range(8, 15)]
MACHINE = platform.machine()
on_glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or sys.implementation.name != "cpython",
    reason="compares with this machine's glibc",
)


def this_platform() -> str:
    return f"manylinux_{platform.libc_ver()[1].replace('.', '_')}_{MACHINE}"


@on_glibc
@pytest.mark.parametrize("python", [*PYTHONS, "3.9.18", "3.14.0rc2"])
def test_this_platform_is_the_one_of_its_tag(python: str) -> None:
    here, there = Target.of(python), Target.of(python, this_platform())
    assert glibc_tags(here) == glibc_tags(there)
    free = {"platform_release", "platform_version", *_VERSIONS}
    assert {k: v for k, v in here.markers.items() if k not in free} == {
        k: v for k, v in there.markers.items() if k not in free
    }


@on_glibc
def test_on_linux_the_order_is_that_of_packaging() -> None:
    version = "{}.{}".format(*sys.version_info)
    assert glibc_tags(Target.of(version, this_platform())) == glibc_tags(Target.current())


def glibc_tags(target: Target) -> list[str]:
    return [tag for tag in target.wheel_tags() if "linux" not in tag or "manylinux" in tag]


_VERSIONS = {"python_full_version", "implementation_version"}


@pytest.mark.parametrize(("name", "tag"), PLATFORMS.items())
@pytest.mark.parametrize("python", PYTHONS)
def test_a_platform_by_its_name_is_that_of_its_tag(python: str, name: str, tag: str) -> None:
    assert Target.of(python, name) == Target.of(python, tag)


@pytest.mark.parametrize("python", ["3.8", "3.11.2", "3.14"])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("manylinux_2_17_x86_64", "manylinux_2_28_x86_64"),
        ("manylinux_2_28_aarch64", "manylinux_2_34_aarch64"),
        ("musllinux_1_1_x86_64", "musllinux_1_2_x86_64"),
        ("macosx_11_0_arm64", "macosx_14_0_arm64"),
        ("macosx_10_15_x86_64", "macosx_13_0_x86_64"),
    ],
)
def test_a_newer_platform_takes_what_an_older_one_takes_and_more(
    python: str, older: str, newer: str
) -> None:
    old, new = Target.of(python, older), Target.of(python, newer)
    assert old.markers == new.markers
    assert set(old.wheel_tags()) < set(new.wheel_tags())
    assert [tag for tag in new.wheel_tags() if tag in old.wheel_tags()] == list(old.wheel_tags())


def test_wheels_begin_at_the_glibc_that_packaging_begins_at() -> None:
    pc, arm = (
        Target.of("3.12", f"manylinux_2_28_{each}").wheel_tags() for each in ("x86_64", "aarch64")
    )
    assert "cp312-cp312-manylinux1_x86_64" in pc
    assert "cp312-cp312-manylinux_2_4_x86_64" not in pc
    assert "cp312-cp312-manylinux2014_aarch64" in arm
    assert not [tag for tag in arm if "manylinux2010" in tag or "manylinux_2_16_" in tag]


@pytest.mark.parametrize(
    ("tag", "markers"),
    [
        ("win_arm64", ("nt", "win32", "Windows", "ARM64")),
        ("win32", ("nt", "win32", "Windows", "x86")),
        ("macosx_10_15_x86_64", ("posix", "darwin", "Darwin", "x86_64")),
        ("musllinux_1_2_aarch64", ("posix", "linux", "Linux", "aarch64")),
        ("manylinux_2_17_ppc64le", ("posix", "linux", "Linux", "ppc64le")),
    ],
)
def test_markers_name_the_platform_of_a_tag(tag: str, markers: tuple[str, ...]) -> None:
    found = Target.of("3.12.4", tag).markers
    keys = ("os_name", "sys_platform", "platform_system", "platform_machine")
    assert tuple(found[key] for key in keys) == markers
    assert found["python_full_version"] == found["implementation_version"] == "3.12.4"
    assert (found["platform_release"], found["platform_version"]) == ("", "")


def test_another_python_of_this_platform_has_its_own_markers_and_tags() -> None:
    target = Target.of("3.9.18")
    assert target.python_version == "3.9.18"
    assert target.markers["python_version"] == "3.9"
    assert target.markers["platform_machine"] == MACHINE
    tags = target.wheel_tags()
    assert any(tag.startswith("cp39-cp39-") for tag in tags)
    assert not any(tag.startswith("cp311-cp311") for tag in tags)
    assert "py3-none-any" in tags


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="a target is of CPython")
def test_the_version_of_this_interpreter_is_this_interpreter() -> None:
    here = Target.current()
    assert Target.of("{}.{}".format(*sys.version_info)) == here
    assert Target.of(here.python_version) == here
    other = "{}.{}.99".format(*sys.version_info)
    assert Target.of(other).python_version == other


def test_a_free_threaded_build_takes_what_was_compiled_for_it(tmp_path):
    for tag in ("cp314-cp314-win_amd64", "cp314-cp314t-win_amd64", "cp312-abi3-win_amd64"):
        _wheel(tmp_path, "a", tag, "")
    _wheel(tmp_path, "b", "cp312-abi3-win_amd64", "")
    _wheel(tmp_path, "c", "py3-none-any", "")

    def file(python, name):
        target = Target.of(python, "windows/amd64")
        wanted = merge([], pip_requirements=[name], target=target)
        folder = [WheelFolder(tmp_path, target)]
        found = resolve(wanted, Installed([], target), sources=folder, index="never")
        return found.pins[0].artifacts[0].file

    assert file("3.14t", "a") == file("3.14.2t", "a") == "a-1.0-cp314-cp314t-win_amd64.whl"
    assert file("3.14", "a") == "a-1.0-cp314-cp314-win_amd64.whl"
    assert file("3.14t", "c") == "c-1.0-py3-none-any.whl"
    with pytest.raises(ConflictError, match="no wheel of it is for this platform"):
        file("3.14t", "b")
    assert Target.of("3.14.2t", "win_amd64").python_version == "3.14.2"
    assert Target.of("3.14t", "win_amd64").markers["python_version"] == "3.14"


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


@pytest.mark.parametrize(
    "said",
    [
        ("2.7", "linux/x86_64"),
        ("3.12", "linux"),
        ("3", "macos/arm64"),
        ("3.12", ""),
        ("3.12.", None),
    ],
)
def test_what_is_no_target_is_an_error_with_the_way_out(said):
    with pytest.raises(TargetError, match=r"is no target: "):
        Target.of(*said)
