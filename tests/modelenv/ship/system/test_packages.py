"""An image gets the packages that the model was seen to use, and those that its pins link to."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.siblings import envfiles
from modelenv.folder.documents.names import NOTHING
from modelenv.folder.errors import BadFolderError
from modelenv.folder.mlmodel import FILE, MLmodel
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.system.packages import SystemNeeds, system_needs, system_packages
from modelenv.system.find_packages import find_packages
from modelenv.system.use import SystemUse, UsedPackage
from modelenv.system.used_file import UsedFile

BOOKWORM, TRIXIE = "python:3.11-slim-bookworm", "python:3.11-slim"
PLAIN = MLmodel(
    python="3.11.7",
    version="0.1.0",
    input=NOTHING,
    prediction=NOTHING,
    deterministic=True,
    metadata={},
    uuid="0" * 32,
    created="2026-01-01 00:00:00.000000",
)


def folder(
    root: Path,
    *pins: str,
    use: SystemUse | None = None,
    touches: list[dict[str, Any]] | None = None,
    imports: tuple[str, ...] = (),
) -> ModelFolder:
    root = root / "model"
    root.mkdir()
    spec = envfiles.EnvSpec(python="3.11.7", requirements=tuple(map(envfiles.Entry, pins)))
    for name, text in envfiles.write_files(spec).items():
        (root / name).write_text(text, "utf-8")
    (root / FILE).write_text(replace(PLAIN, system=use).to_yaml(), "utf-8")
    if touches is not None:
        records = [
            {"name": each, "file": each, "loaded": True, "phase": "load", "how": "imported"}
            for each in imports
        ]
        trace = {"schema": 1, "python": "3.11.7", "touches": touches, "imports": records}
        (root / "trace.json").write_text(json.dumps(trace), "utf-8")
    return ModelFolder.open(root)


def used(package: str, what: str, *files: str, asked_by: str = "", version: str = "") -> SystemUse:
    each = UsedPackage(package=package, what=what, files=files, asked_by=asked_by, version=version)
    return SystemUse("debian 12", (each,))


def told(found: SystemNeeds) -> Mapping[str, str]:
    return {each.package: each.why for each in found.packages}


def needs(model: ModelFolder, base: str = BOOKWORM, **more: Any) -> SystemNeeds:
    return system_needs(model, "linux/amd64", base=base, installed=(), **more)


def test_what_was_seen_is_needed_with_its_reason_and_its_version(tmp_path: Path) -> None:
    use = used("tzdata", "time zones", "/z/Berlin", asked_by="read by own.py:4", version="2026a-0")
    (found,) = system_packages(folder(tmp_path, use=use), "linux/amd64", base=TRIXIE)
    assert (found.package, found.why, found.seen) == (
        "tzdata",
        "time zones, read by own.py:4",
        "2026a-0",
    )


@pytest.mark.parametrize(
    ("package", "what", "file", "bookworm", "trixie"),
    [
        ("git", "programs", "/usr/bin/git", "git", "git"),
        ("openjdk-17-jre-headless", "programs", "/usr/bin/java", *["default-jre-headless"] * 2),
        ("our-tool", "programs", "/usr/bin/our-tool", "our-tool", "our-tool"),
        ("libgomp1", "libraries", "/l/libgomp.so.1.0.0", "libgomp1", "libgomp1"),
        ("libmagic1", "libraries", "/l/libmagic.so.1.0.0", "libmagic1", "libmagic1t64"),
        (
            "libglib2.0-0t64",
            "libraries",
            "/l/libgio-2.0.so.0",
            *["libglib2.0-0", "libglib2.0-0t64"],
        ),
        ("libours2t64", "libraries", "/l/libours.so.2", "libours2", "libours2t64"),
        ("", "libraries", "/opt/lib/libpq.so.5.15", "libpq5", "libpq5"),
        ("fonts-dejavu-core", "fonts", "/f/DejaVuSans.ttf", *["fonts-dejavu-core"] * 2),
    ],
)
def test_a_package_has_the_name_of_the_release(
    tmp_path: Path, package: str, what: str, file: str, bookworm: str, trixie: str
) -> None:
    model = folder(tmp_path, use=used(package, what, file))
    assert [*told(needs(model)), *told(needs(model, TRIXIE))] == [bookworm, trixie]


@pytest.mark.parametrize(
    ("package", "what", "file", "asked_by"),
    [
        ("libc-bin", "programs", "/usr/bin/getconf", "started by own.py:4"),
        ("coreutils", "programs", "/usr/bin/uname", "started by platform.py:4"),
        ("libpython3.11-stdlib", "libraries", "/usr/lib/python3.11/lib-dynload/_ssl.so", ""),
        ("fontconfig", "programs", "/usr/bin/fc-list", "started by matplotlib/font_manager.py:2"),
    ],
)
def test_what_every_base_has_and_what_a_look_around_touched_is_not_needed(
    tmp_path: Path, package: str, what: str, file: str, asked_by: str
) -> None:
    assert needs(folder(tmp_path, use=used(package, what, file, asked_by=asked_by))).packages == ()


def test_what_is_of_no_package_is_said_one_by_one(tmp_path: Path) -> None:
    paths = [f"/usr/lib/none/libours{number}.so" for number in range(7)]
    seen = [UsedFile("library", path, f"a.py:{number}") for number, path in enumerate(paths)]
    use = SystemUse("debian 12", find_packages(seen))
    model = folder(tmp_path, use=use)
    recorded = model.mlmodel.system
    assert recorded == use
    assert needs(model).needs == tuple(
        f"libours{number}.so: {path}, loaded by a.py:{number}, is in no Debian package that is"
        " known"
        for number, path in enumerate(paths)
    )


def test_all_libraries_of_a_package_are_recorded(tmp_path: Path) -> None:
    paths = tuple(f"/usr/lib/none/libours{number}.so" for number in range(7))
    model = folder(tmp_path, use=used("ours", "libraries", *paths))
    assert model.mlmodel.system is not None
    assert model.mlmodel.system.packages[0].files == paths


def test_the_driver_of_a_graphics_card_is_in_no_package(
    tmp_path: Path, wheel: Any, elf: Any
) -> None:
    content = {"boost/__init__.py": "", "boost/boost.so": elf("libcuda.so.1", "libcudart.so.12")}
    found = needs(folder(tmp_path, "boost==1"), wheels=[wheel("boost", content)])
    driver, runtime = sorted(found.needs)[:2]
    assert "libcuda.so.1 comes with the driver of the graphics card" in driver
    assert "libcudart.so.12 for boost (boost/boost.so): no Debian package" in runtime


def test_a_font_that_was_drawn_with_is_needed_whoever_opened_it(tmp_path: Path) -> None:
    use = used("fonts-ours", "fonts", "/f/A.ttf", asked_by="read by matplotlib/font_manager.py:9")
    assert list(told(needs(folder(tmp_path, use=use)))) == ["fonts-ours"]


def test_a_search_for_a_library_needs_no_compiler_and_a_compilation_does(tmp_path: Path) -> None:
    search = [
        ("libc-bin", "/sbin/ldconfig"),
        ("gcc-12", "/usr/bin/gcc"),
        ("binutils", "/usr/bin/ld"),
    ]
    packages = [
        UsedPackage(package=name, what="programs", files=(file,), asked_by="started by own.py:6")
        for name, file in search
    ]
    (tmp_path / "a").mkdir()
    assert needs(folder(tmp_path, use=SystemUse("debian 12", tuple(packages)))).packages == ()
    alone = SystemUse("debian 12", (packages[1],))
    assert list(told(needs(folder(tmp_path / "a", use=alone)))) == ["gcc"]


def test_what_no_package_brings_is_said_and_never_dropped(tmp_path: Path) -> None:
    use = SystemUse(
        "debian 12",
        (
            UsedPackage(package="locales", what="locales", files=("/usr/lib/locale/de_DE",)),
            UsedPackage(package="", what="fonts", files=("/usr/share/fonts/o/Corporate.otf",)),
            UsedPackage(package="", what="libraries", files=("/usr/lib/libcuda.so.1",)),
            UsedPackage(package="libicu72", what="libraries", files=("/l/libicuuc.so.72.1",)),
        ),
    )
    found = needs(folder(tmp_path, use=use), TRIXIE)
    assert found.packages == ()
    locale, font, driver, moved = found.needs
    assert locale.startswith("locales: /usr/lib/locale/de_DE; slim images only have C.UTF-8")
    assert "Corporate.otf, is in no Debian package that is known" in font
    assert driver.startswith("libcuda.so.1 comes with the driver")
    assert moved == "libicuuc.so.72, which was loaded, is in Debian 12 and not in 13"


def test_an_old_folder_tells_it_by_its_trace_and_the_tables(tmp_path: Path) -> None:
    asked = {"importer_file": "own.py", "line": 3}
    touches: list[dict[str, Any]] = [
        {"kind": "file", "name": "/usr/share/zoneinfo/Europe/Berlin", **asked},
        {"kind": "library", "name": "/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0"},
        {"kind": "library", "name": "/usr/lib/python3.11/lib-dynload/_ssl.cpython-311.so"},
        {"kind": "library", "name": "/usr/lib/python3/dist-packages/numpy/core/x.so"},
        {"kind": "program", "name": "/usr/bin/git", **asked},
        {"kind": "program", "name": "/usr/bin/python3", **asked},
        {"kind": "host", "name": "example.org:443"},
    ]
    model = folder(tmp_path, "six==1", touches=touches)
    assert told(needs(model)) == {
        "git": "the program git, started by own.py:3",
        "libgomp1": "libgomp.so.1",
        "tzdata": "time zones, read by own.py:3",
    }


def test_a_pinned_tzdata_takes_the_place_of_the_system_s(tmp_path: Path) -> None:
    touches = [{"kind": "file", "name": "/usr/share/zoneinfo/Europe/Berlin"}]
    assert needs(folder(tmp_path, "tzdata==2026.1", touches=touches)).packages == ()


def test_what_loaded_files_link_to_is_needed_besides(tmp_path: Path, wheel: Any, elf: Any) -> None:
    content = {
        "boost/__init__.py": "",
        "boost/_core.abi3.so": elf("libgomp.so.1", "libcorporate.so.3"),
        "boost/_gpu.abi3.so": elf("libX11.so.6"),
    }
    file = wheel("boost", content)
    model = folder(tmp_path, "boost==1", touches=[], imports=("boost/_core.abi3.so",))
    found = needs(model, wheels=[file])
    assert told(found) == {"libgomp1": "libgomp.so.1 for boost"}
    assert found.needs == (
        "libcorporate.so.3 for boost (boost/_core.abi3.so): no Debian package of it is known; name"
        " it with --system-package",
    )


def test_without_a_trace_what_an_import_loads_and_the_table_tell(
    tmp_path: Path, wheel: Any, elf: Any
) -> None:
    content = {"boost/__init__.py": "from . import _core", "boost/_core.abi3.so": elf("libpq.so.5")}
    model = folder(tmp_path, "boost==1", "python-magic==0.4", "pytesseract==1")
    found = needs(model, TRIXIE, wheels=[wheel("boost", content)])
    assert told(found) == {
        "libmagic1t64": "libmagic.so.1, loaded by python-magic",
        "libpq5": "libpq.so.5 for boost",
        "tesseract-ocr": "the program tesseract for pytesseract",
    }
    (unknown,) = found.needs
    assert unknown.startswith(
        "what these link to is not known, nor what the model used of a system: py"
    )


def test_what_may_be_loaded_is_said_with_its_package(tmp_path: Path, wheel: Any, elf: Any) -> None:
    tried = "try:\n    from . import _core\nexcept ImportError:\n    pass"
    content = {"boost/__init__.py": tried, "boost/_core.abi3.so": elf("libpq.so.5", "libcuda.so.1")}
    found = needs(folder(tmp_path, "boost==1"), wheels=[wheel("boost", content)])
    assert (found.packages, found.needs) == (
        (),
        (
            "libpq.so.5 for boost (boost/_core.abi3.so), if that is loaded, which is unknown;"
            " --system-package libpq5 brings it",
        ),
    )


def test_without_what_reads_compiled_files_the_way_out_is_said(
    tmp_path: Path, wheel: Any, elf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "elftools.common.exceptions", None)
    model = folder(tmp_path, "boost==1", use=used("git", "programs", "/usr/bin/git"))
    found = needs(model, wheels=[wheel("boost", {"boost/boost.abi3.so": elf("libpq.so.5")})])
    assert list(told(found)) == ["git"]
    (said,) = found.needs
    assert said.endswith("pip install 'modelenv[images]'")


def test_of_what_is_nowhere_a_wheel_is_fetched(tmp_path: Path, wheel: Any, elf: Any) -> None:
    model = folder(tmp_path, "boost==1", "six==1", use=SystemUse("debian 12"))
    asked: list[str] = []

    def fetch(lines: Any) -> list[Path]:
        asked.extend(lines)
        return [wheel("boost", {"boost/boost.abi3.so": elf("libodbc.so.2")})]

    found = needs(model, fetch=fetch)
    assert asked == ["boost==1", "six==1"]
    assert list(told(found)) == ["libodbc2"]
    assert found.needs[0].startswith("what these link to is not known: six==1; ")


def test_wheels_that_travel_are_looked_into(tmp_path: Path, wheel: Any, elf: Any) -> None:
    model = folder(tmp_path, "boost==1", use=SystemUse("debian 12"))
    model.wheels.mkdir()
    wheel("boost", {"boost/boost.abi3.so": elf("libodbc.so.2")}).rename(
        model.wheels / "boost-1-py3-none-any.whl"
    )
    assert list(told(needs(model))) == ["libodbc2"]


def test_what_stood_below_usr_local_is_said(tmp_path: Path) -> None:
    touches = [
        {"kind": "file", "name": "/usr/local/share/words.txt"},
        {"kind": "file", "name": "/usr/local/lib/python3.11/site-packages/a/x.json"},
        {"kind": "program", "name": "/usr/local/bin/python3"},
    ]
    (said,) = needs(folder(tmp_path, touches=touches)).needs
    assert said.startswith("/usr/local/share/words.txt: used where the model was saved")


def test_a_stranger_s_words_stay_in_one_line(tmp_path: Path) -> None:
    use = used("git", "programs", "/usr/bin/git", asked_by="x\nRUN rm -rf /\r\x1b[2J")
    (found,) = system_packages(folder(tmp_path, use=use))
    assert "\n" not in found.why
    assert "\x1b" not in found.why


@pytest.mark.parametrize("name", ["git; rm -rf /", "-o=x", "a b", "$(x)", "Git", "../a"])
def test_a_stranger_s_package_is_a_package_s_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFolderError, match="no name of a Debian package"):
        folder(tmp_path, use=used(name, "programs", "/usr/bin/git"))
