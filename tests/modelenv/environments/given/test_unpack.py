"""A pack is unpacked whole or not at all, whatever it says; nothing of it stands elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from modelenv.environments.given import pack_file, unpack
from modelenv.environments.given.pack_file import PackError

MINOR = "{}.{}".format(*sys.version_info)
SITE = f"lib/python{MINOR}/site-packages"
FILES = {f"{SITE}/tool.py": b"version = 1\n", "bin/tool": b"#!/bin/sh\necho tool\n"}
Change = Callable[[dict[str, Any]], None]


def said(files: dict[str, bytes], links: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    listed = [
        [name, len(content), hashlib.sha256(content).hexdigest(), name.startswith("bin/")]
        for name, content in files.items()
    ]
    return {
        "format": 1,
        "made_by": "a test",
        "python": {"version": MINOR, "free_threaded": False, "packed": False},
        "platform": {"system": platform.system(), "machine": platform.machine(), "libc": None},
        "pins": ["tool==1"],
        "files": listed,
        "links": [[*each] for each in links],
    }


def write(
    file: Path,
    files: dict[str, bytes],
    links: Iterable[tuple[str, str]] = (),
    *,
    change: Change = lambda _: None,
    members: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None] = lambda _: None,
) -> Path:
    """Write a pack by hand: its manifest, and its members, may be changed to lie."""
    document = said(files, links)
    change(document)
    held = [(tarfile.TarInfo("pack.json"), json.dumps(document).encode())]
    held += [(tarfile.TarInfo(name), content) for name, content in files.items()]
    for name, target in links:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, target
        held.append((member, b""))
    members(held)
    with tarfile.open(file, "w:gz") as tar:
        for member, content in held:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"pack", "pack.sha256", "temporary"}


def test_what_is_listed_is_unpacked(tmp_path):
    pack = write(tmp_path / "pack", FILES, [("share/of", f"../{SITE}/tool.py")])
    manifest = unpack.unpack(pack, tmp_path / "root")
    root = tmp_path / "root"
    assert (manifest.pins, manifest.python) == (("tool==1",), MINOR)
    assert (root / SITE / "tool.py").read_bytes() == FILES[f"{SITE}/tool.py"]
    assert (root / "share/of").read_bytes() == FILES[f"{SITE}/tool.py"]
    assert os.access(root / "bin/tool", os.X_OK)
    assert not os.access(root / SITE / "tool.py", os.X_OK)
    ran = [
        str(root / "bin/python"),
        "-I",
        "-c",
        "import tool, sys; print(tool.version, sys.prefix)",
    ]
    assert subprocess.check_output(ran, text=True) == f"1 {root}\n"
    assert left(tmp_path) == {"root"}
    with pytest.raises(PackError, match="is there already"):
        unpack.unpack(pack, root)


def set_in(*keys: str | int) -> Callable[[Any], Change]:
    """Return what sets a value in a manifest."""

    def of(value: Any) -> Change:
        def change(document: dict[str, Any]) -> None:
            place: Any = document
            for key in keys[:-1]:
                place = place[key]
            place[keys[-1]] = value

        return change

    return of


# What a manifest says that is not so, or is not to be done.
LIES: dict[str, tuple[Change, str]] = {
    "another format": (set_in("format")(2), "it is of format 2"),
    "no format": (lambda document: document.pop("format"), "says no environment"),
    "no list": (set_in("files")(7), "says no environment"),
    "a size that is a text": (set_in("files", 0, 1)("many"), "says no environment"),
    "a negative size": (set_in("files", 0, 1)(-1), "unpacks to"),
    "an absolute path": (set_in("files", 0, 0)("/x"), "written outside its folder"),
    "a path that leads up": (set_in("files", 0, 0)("a/../../x"), "written outside its folder"),
    "an empty part": (set_in("files", 0, 0)("a//x"), "written outside its folder"),
    "a path of Windows": (set_in("files", 0, 0)("a\\x"), "written outside its folder"),
    "a drive": (set_in("files", 0, 0)("C:x"), "written outside its folder"),
    "the interpreter": (set_in("files", 0, 0)("bin/python"), "written outside its folder"),
    "its configuration": (set_in("files", 0, 0)("pyvenv.cfg"), "written outside its folder"),
    "two of one name": (set_in("files", 0, 0)("bin/tool"), "two files of one name"),
    "a link that leads up": (set_in("links", 0, 1)("../../x"), "leads out of it"),
    "a link to the root": (set_in("links", 0, 1)("/etc/hosts"), "leads out of it"),
    "a version that is a path": (set_in("python", "version")("3.1/../.."), "no version of Python"),
    "more than it holds": (set_in("files", 0, 1)(10_000), "not as its pack.json says"),
    "another hash": (set_in("files", 0, 2)("0" * 64), "has another hash"),
    "another system": (set_in("platform", "system")("Plan 9"), "it is of Plan 9"),
    "another machine": (set_in("platform", "machine")("vax"), "on vax, and this is"),
    "another Python": (set_in("python", "version")("3.2"), "it needs Python 3.2, and none was"),
    "another build": (set_in("python", "free_threaded")(True), f"it needs Python {MINOR}t"),
    "a newer C library": (set_in("platform", "libc")([2, 999]), r"glibc 2\.999 or newer"),
    "more than the disk has": (set_in("files", 0, 1)(200 << 30), "unpacks to about"),
    "more than any": (set_in("files", 0, 1)(300 << 30), "unpacks to 3"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_manifest_that_lies_is_refused(tmp_path, lie):
    change, expected = LIES[lie]
    pack = write(tmp_path / "pack", FILES, [("share", f"{SITE}/tool.py")], change=change)
    with pytest.raises(PackError, match=expected) as refused:
        unpack.unpack(pack, tmp_path / "root", base=Path(sys.executable))
    assert str(pack) in str(refused.value)
    assert not left(tmp_path)


def device(name: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type = tarfile.FIFOTYPE
    return member, b""


def hard_link(name: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.LNKTYPE, "/etc/hosts"
    return member, b""


def with_note(member: tuple[tarfile.TarInfo, bytes], size: int) -> tuple[tarfile.TarInfo, bytes]:
    member[0].pax_headers = {"comment": "x" * size}
    return member


MEMBERS: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "nothing": (lambda held: held.clear(), "cut off, or no pack|does not begin with pack.json"),
    "no manifest": (lambda held: held.pop(0), "does not begin with pack.json"),
    "one file less": (lambda held: held.pop(), "not as its pack.json says"),
    "one file more": (lambda held: held.append((tarfile.TarInfo("x"), b"x")), "holds more than"),
    "another order": (lambda held: held.append(held.pop(1)), "not as its pack.json says"),
    "a pipe": (lambda held: held.__setitem__(1, device(f"{SITE}/tool.py")), "not as its pack"),
    "a hard link": (lambda held: held.__setitem__(1, hard_link(f"{SITE}/tool.py")), "not as its"),
    "other content": (
        lambda held: held.__setitem__(1, (tarfile.TarInfo(f"{SITE}/tool.py"), b"version = 2\n")),
        "another hash",
    ),
    "much behind its end": (
        lambda held: held.append((tarfile.TarInfo("x"), b"")),
        "holds more than",
    ),
    "a header that is larger than any": (
        lambda held: held.__setitem__(1, with_note(held[1], pack_file.BLOCK + 1)),
        "one of its headers is larger",
    ),
}


@pytest.mark.parametrize("lie", MEMBERS)
def test_an_archive_that_lies_is_refused(tmp_path, lie):
    members, expected = MEMBERS[lie]
    pack = write(tmp_path / "pack", FILES, members=members)
    with pytest.raises(PackError, match=expected):
        unpack.unpack(pack, tmp_path / "root")
    assert not left(tmp_path)


def test_a_file_that_is_cut_off_or_changed_is_refused_by_its_hash_before_it_is_read(tmp_path):
    pack = write(tmp_path / "pack", FILES)
    whole = pack.read_bytes()
    digest = unpack.file_hash(pack)
    unpack.unpack(pack, tmp_path / "root", sha256=digest.upper())
    (tmp_path / "pack.sha256").write_text(f"{digest}  pack\n")
    unpack.unpack(pack, tmp_path / "again")
    for content in (whole[:-20], whole + b"x", b""):
        pack.write_bytes(content)
        with pytest.raises(PackError, match=r"its hash is .* copy it again"):
            unpack.unpack(pack, tmp_path / "new")
    assert left(tmp_path) == {"root", "again"}


@pytest.mark.parametrize("cut", [10, 200, -40, -8])
def test_a_file_that_is_cut_off_is_refused_where_nobody_knows_its_hash(tmp_path, cut):
    pack = write(tmp_path / "pack", {**FILES, "share/data": os.urandom(2000)})
    pack.write_bytes(pack.read_bytes()[:cut])
    with pytest.raises(PackError, match="cut off"):
        unpack.unpack(pack, tmp_path / "root")
    assert not left(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no tar" * 200)])
def test_what_is_no_pack_is_refused(tmp_path, content):
    pack = tmp_path / "pack"
    pack.write_bytes(content)
    with pytest.raises(PackError, match="no pack"):
        unpack.unpack(pack, tmp_path / "root")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PackError, match=r"missing.*no such file"):
        unpack.unpack(tmp_path / "missing", tmp_path / "root")
    pack = write(tmp_path / "pack", FILES)
    with pytest.raises(PackError, match=r"takes no folder|no such"):
        unpack.unpack(pack, tmp_path / "no/such/root")


def test_a_folder_of_another_file_stops_it_and_nothing_is_left(tmp_path):
    pack = write(tmp_path / "pack", {"bin": b"", "bin/tool": b""})
    with pytest.raises(PackError, match="cannot be unpacked to"):
        unpack.unpack(pack, tmp_path / "root")
    assert not left(tmp_path)


def test_only_what_travels_with_it_is_imported() -> None:
    """An engine's Python has the standard library, and the file beside it."""
    folder = Path(unpack.__file__).parent
    script = f"import sys; sys.path.insert(0, {str(folder.parent)!r}); import given.unpack"
    script += "; print({m.partition('.')[0] for m in sys.modules} - sys.stdlib_module_names)"
    ran = subprocess.check_output([sys.executable, "-I", "-S", "-c", script], text=True)
    assert ran.strip() in {"{'given', '__main__'}", "{'__main__', 'given'}"}
