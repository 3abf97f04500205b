"""The content of a base: files by layers, its Python, C library and packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.ship.errors import NoImageError
from modelenv.ship.image import SystemPackage
from modelenv.ship.oci.base import image, packages, python
from modelenv.ship.oci.base.tree import Tree

from .small_base import ELF, LIBC, PYTHON, Files, Layout, Link, library


def tree_of(folder: Path, *layers: Files) -> Tree:
    layout = Layout(folder / "base").add(layers)
    return image.read(str(layout), "linux/amd64").tree(
        lambda path: max(packages.kept(path), python.kept(path))
    )


def find(tree: Tree, minor: str = "3.11", path: str = "/usr/local/bin:/usr/bin") -> str:
    return python.find(tree, minor, {"PATH": path}, "amd64", "base").executable


def test_a_later_layer_hides_what_it_whites_out_whatever_its_order(tmp_path):
    tree = tree_of(
        tmp_path,
        {"a/x": b"1", "a/y": b"2", "b/c/d": b"3", "e": b"4"},
        {"b/c/new": b"5", "a/.wh.x": b"", "b/c/.wh..wh..opq": b"", "e/f": b"6"},
    )
    assert [path for path in ("/a/x", "/b/c/d") if tree.find(path)] == []
    assert all(tree.file(path) for path in ("/a/y", "/b/c/new", "/e/f"))


def test_links_are_followed_across_layers_and_in_no_circle(tmp_path):
    tree = tree_of(
        tmp_path,
        {"usr/lib/deep/file": b"1", "lib": Link("usr/lib"), "a": Link("b"), "b": Link("/a")},
        {"up": Link("usr/lib/deep/../../../lib/deep"), "lib/added": b"2", "same": Link("up/file")},
        {"twice": Link("usr/lib/deep/file", hard=True), "out": Link("../../../usr")},
    )
    assert {path: found.path for path in ("/up/file", "/lib/added", "/same", "/out/lib/added")
            if (found := tree.find(path))} == {
        "/up/file": "/usr/lib/deep/file",
        "/lib/added": "/usr/lib/added",
        "/same": "/usr/lib/deep/file",
        "/out/lib/added": "/usr/lib/added",
    }  # fmt: skip
    assert tree.file("/twice")
    assert tree.find("/a") is None


def test_where_a_path_leads_and_what_stands_above_it(tmp_path):
    tree = tree_of(tmp_path, {"var/opt": None, "opt": Link("var/opt")})
    real, above = tree.parents("/opt/modelenv/model")
    assert real == "/var/opt/modelenv/model"
    assert [(name, node and node.mode) for name, node in above] == [
        ("/var", 0o755),
        ("/var/opt", 0o750),
        ("/var/opt/modelenv", None),
    ]


@pytest.mark.parametrize(
    ("files", "path", "found"),
    [
        (PYTHON, "/usr/local/bin:/usr/bin", "/usr/bin/python3.11"),
        # What stands first on PATH, as the official images have it beside Debian's.
        (
            {**PYTHON, "usr/local/bin/python3": Link("python3.11"),
             "usr/local/bin/python3.11": ELF, **library("3.11", "usr/local")},
            "/usr/local/bin:/usr/bin",
            "/usr/local/bin/python3.11",
        ),
        # By alternatives, and by a merged /usr.
        (
            {**PYTHON, "usr/bin/python3": Link("/etc/alternatives/python3"),
             "etc/alternatives/python3": Link("../../bin/python3.11"), "bin": Link("usr/bin")},
            "/bin",
            "/usr/bin/python3.11",
        ),
        # Another minor version is the default one.
        (
            {**PYTHON, "usr/bin/python3": Link("python3.9"), "usr/bin/python3.9": ELF},
            "/usr/bin",
            "/usr/bin/python3.11",
        ),
        # Its name does not tell: the only library beside it does.
        (
            {"opt/py/bin/python3": ELF,
             **library("3.11", "opt/py")},
            "relative:/opt/py/bin",
            "/opt/py/bin/python3",
        ),
    ],
)  # fmt: skip
def test_python_is_found_as_a_shell_finds_it(tmp_path, files, path, found):
    assert find(tree_of(tmp_path, files), path=path) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"usr/bin/.wh.python3.11": b""}, "it has no Python 3.11 on its PATH"),
        ({"usr/bin/python3.11": Link("python3.11")}, "it has no Python 3.11"),
        ({"usr/bin/python3.11": Link("python3.9"), "usr/bin/python3.9": ELF}, "only 3.9"),
        ({"usr/bin/python3.11": Link("python3.11t"), "usr/bin/python3.11t": ELF}, "no Python 3.11"),
        ({"usr/bin/python3.11": ELF.replace(b"\x3e\0", b"\xb7\0")}, "it is for amd64, but"),
        ({"usr/lib/python3.11/asyncio/.wh.__init__.py": b""}, "lacks asyncio/__init__.py"),
        ({"usr/lib/.wh.python3.11": b""}, "standard library of /usr/bin/python3.11 is not there"),
    ],
)
def test_a_base_without_the_python_says_what_it_has(tmp_path, change, said):
    tree = tree_of(tmp_path, PYTHON, change)
    with pytest.raises(NoImageError, match=said):
        find(tree)


@pytest.mark.parametrize(
    ("more", "variables", "version"),
    [
        ({}, {}, "3.11"),
        ({}, {"PYTHON_VERSION": "3.11.9"}, "3.11.9"),
        ({}, {"PYTHON_VERSION": "3.12.1"}, "3.11"),
        (
            {"usr/include/python3.11/patchlevel.h": b'#define PY_VERSION      "3.11.4"\n'},
            {"PYTHON_VERSION": "3.11.9"},
            "3.11.4",
        ),
        (
            {"var/lib/dpkg/status.d/python": b"Package: python3.11\nVersion: 3.11.2-6+deb12u7\n"},
            {},
            "3.11.2",
        ),
        ({"lib/apk/db/installed": b"P:python3\nV:3.11.8-r1\n"}, {}, "3.11.8"),
        # The packages are of another one than is first on PATH.
        (
            {"var/lib/dpkg/status.d/python": b"Package: python3.11\nVersion: 3.11.2-6+deb12u7\n",
             "opt/conda/bin/python3": Link("python3.11"), "opt/conda/bin/python3.11": ELF,
             **library("3.11", "opt/conda"),
             "opt/conda/conda-meta/python-3.11.7-h955ad1f_0.json": b"",
             "opt/conda/conda-meta/python-dateutil-2.9.0-0.json": b""},
            {"PATH": "/opt/conda/bin:/usr/bin"},
            "3.11.7",
        ),
        (
            {"var/lib/dpkg/status.d/python": b"Package: python3.11\nVersion: 3.11.2-6+deb12u7\n",
             "opt/py/bin/python3": Link("python3.11"), "opt/py/bin/python3.11": ELF,
             **library("3.11", "opt/py")},
            {"PATH": "/opt/py/bin:/usr/bin"},
            "3.11",
        ),
    ],
)  # fmt: skip
def test_the_version_is_as_exact_as_the_base_tells(tmp_path, more, variables, version):
    tree = tree_of(tmp_path, PYTHON, more)
    assert python.find(tree, "3.11", variables, "amd64", "base").version == version


@pytest.mark.parametrize(
    ("files", "tag"),
    [
        (PYTHON, "manylinux_2_36"),
        ({"lib64/libc.so.6": Link("libc-2.28.so"),
          "lib64/libc-2.28.so": b"GNU C Library (GNU libc) stable release version 2.28."},
         "manylinux_2_28"),
        # It tells nothing, and dpkg does.
        ({**PYTHON, "usr/lib/x86_64-linux-gnu/libc.so.6": b""}, "manylinux_2_36"),
        ({"var/lib/dpkg/status.d/libc6": b"Package: libc6\nVersion: 2.41-12\n"}, "manylinux_2_41"),
        ({"lib/apk/db/installed": b"C:Q1\nP:musl\nV:1.2.5-r9\n\nP:zlib\nV:1.3\n"},
         "musllinux_1_2"),
    ],
)  # fmt: skip
def test_the_c_library_is_told(tmp_path, files, tag):
    assert packages.c_library(tree_of(tmp_path, files), "base").tag == tag


def test_a_base_that_says_nothing_of_its_c_library_is_refused(tmp_path):
    with pytest.raises(NoImageError, match="its C library is unknown"):
        packages.c_library(tree_of(tmp_path, {"lib/libc.so.6": LIBC[:10]}), "base")


def needed(*names: str) -> list[SystemPackage]:
    return [SystemPackage(package=name, why=f"{name} for x") for name in names]


def never(_: str) -> bool:
    return False


def test_packages_are_those_installed_and_what_they_provide(tmp_path):
    unpacked = {"var/lib/dpkg/status.d/libssl3": b"Package: libssl3\nVersion: 3.0\n"}
    tree = tree_of(tmp_path, PYTHON, unpacked)
    packages.check(needed("libgomp1", "libgomp-virtual", "other", "libssl3"), tree, "base", never)
    packages.check(needed("libgomp1:amd64", "libgomp1=12.2.0-14"), tree, "base", never)
    with pytest.raises(NoImageError, match="lacks: libgomp1=13"):
        packages.check(needed("libgomp1=13"), tree, "base", never)
    with pytest.raises(NoImageError) as refused:
        packages.check(needed("libgomp1", "tzdata", "fonts-dejavu-core"), tree, "base", never)
    said = str(refused.value)
    assert "tzdata (tzdata for x); fonts-dejavu-core" in said
    assert "apt-get install -y --no-install-recommends tzdata fonts-dejavu-core" in said
    assert "libgomp1" not in said


def test_a_base_without_a_list_is_not_taken_for_one_that_has_all(tmp_path):
    tree = tree_of(tmp_path, {"bin/sh": ELF})
    packages.check([], tree, "base", never)
    with pytest.raises(NoImageError, match="has no list of Debian packages"):
        packages.check(needed("libgomp1"), tree, "base", never)


@pytest.mark.parametrize(
    ("files", "release"),
    [
        ({"etc/os-release": Link("../usr/lib/os-release"),
          "usr/lib/os-release": b'ID=debian\nVERSION_ID="12"\n'}, "12"),
        ({"etc/os-release": b"ID=ubuntu\nVERSION_ID=24.04\n"}, "24.04"),
        ({"usr/lib/os-release": b"ID=alpine\nVERSION_ID=3.22\n"}, ""),
        (PYTHON, ""),
    ],
)  # fmt: skip
def test_the_release_is_told_by_the_base(tmp_path, files, release):
    assert packages.release(tree_of(tmp_path, files, {"opt/more": b""})) == release
