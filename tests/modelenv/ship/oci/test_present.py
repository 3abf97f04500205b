"""A base that keeps no list of Debian's packages has what its files are."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from modelenv.ship.errors import NoImageError
from modelenv.ship.image import SystemPackage
from modelenv.ship.oci.base import image, packages, present
from modelenv.ship.oci.base.python import BasePython
from modelenv.ship.oci.base.tree import Tree

from .small_base import ELF, LIBC, Files, Layout, Link

GOMP = SystemPackage(package="libgomp1", why="libgomp.so.1 for x", asks=("libgomp.so.1",))
JQ = SystemPackage(package="jq", why="the program jq", asks=("jq",))
FONT = SystemPackage(package="fonts-x", why="fonts", asks=("/usr/share/fonts/x.ttf",))
BOTH = SystemPackage(package="both", why="two", asks=("liba.so.1", "libb.so.1"))
ODD = SystemPackage(package="libodd", why="odd", asks=("libodd.so; rm -r x", "-y.so"))
ASKED = SystemPackage(package="libmagic1", why="asked for")
PINNED = SystemPackage(package="libgomp1=12", why="asked for", asks=("libgomp.so.1",))
RPM: Files = {"usr/lib64/libc.so.6": LIBC, "var/lib/rpm": None, "lib64": Link("usr/lib64")}


def tree_of(folder: Path, files: Files) -> Tree:
    layout = Layout(folder / "base")
    return image.read(str(layout.add([files])), "linux/amd64").tree(lambda _: 0)


def check(tree: Tree, *needed: SystemPackage, python: str = "/usr/bin/python3.11") -> None:
    found = BasePython(python, "3.11", "3.11.2", "x86_64")
    has = partial(present.has, tree, python=found, variables={"LD_LIBRARY_PATH": "x:/own"})
    packages.check(needed, tree, "base", has)


@pytest.mark.parametrize(
    ("files", "package", "python"),
    [
        ({**RPM, "usr/lib64/libgomp.so.1": Link("libgomp.so.1.0")}, None, ""),
        ({**RPM, "usr/lib64/libgomp.so.1": ELF}, GOMP, ""),
        ({**RPM, "usr/lib/libgomp.so.1": ELF}, None, ""),  # for 32 bits
        ({"usr/lib/libgomp.so.1": ELF}, GOMP, ""),  # as Wolfi and Alpine have it
        ({"usr/lib/x86_64-linux-gnu/libgomp.so.1": ELF}, GOMP, ""),
        ({"usr/lib/i386-linux-gnu/libgomp.so.1": ELF}, None, ""),
        ({"own/libgomp.so.1": ELF}, GOMP, ""),
        ({"opt/conda/lib/libgomp.so.1": ELF}, GOMP, "/opt/conda/bin/python3.11"),
        ({"opt/conda/lib/libgomp.so.1": ELF}, None, ""),
        ({"usr/bin/jq": ELF}, JQ, ""),
        ({"usr/share/fonts/x.ttf": b""}, FONT, ""),
        ({"lib/liba.so.1": ELF, "lib/libb.so.1": ELF}, BOTH, ""),
    ],
)
def test_files_tell_what_is_there(tmp_path, files, package, python):
    tree = tree_of(tmp_path, files)
    if package is not None:
        check(tree, package, python=python or "/usr/bin/python3.11")
        return
    with pytest.raises(NoImageError, match=r"and lacks files of these: .*libgomp.so.1"):
        check(tree, GOMP)


@pytest.mark.parametrize("package", [BOTH, ASKED, PINNED, FONT, JQ])
def test_what_no_file_shows_is_not_there(tmp_path, package):
    with pytest.raises(NoImageError, match=f"pass --base-has {package.package} if"):
        check(tree_of(tmp_path, {"lib/liba.so.1": ELF, "lib/libgomp.so.1": ELF}), package)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({**RPM, "usr/bin/microdnf": ELF}, "`RUN microdnf install -y 'libgomp.so.1()(64bit)' /usr"),
        ({"lib/apk/db/installed": b""}, "`RUN apk add --no-cache so:libgomp.so.1 cmd:jq`"),
        ({"opt/conda": None}, "install there what has libgomp.so.1, jq, /usr/share/fonts/x.ttf"),
    ],
)
def test_the_way_is_said_in_the_words_of_the_base(tmp_path, files, said):
    with pytest.raises(NoImageError) as refused:
        check(tree_of(tmp_path, files), GOMP, JQ, FONT, ODD)
    assert said in str(refused.value)
    assert "rm -r" not in str(refused.value)
    assert "apt-get" not in str(refused.value)
