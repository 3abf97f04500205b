"""Used parts of the system are reported with their packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from modelenv.system.find_packages import find_packages
from modelenv.system.used_file import UsedFile


def file(path: str, asked_by: str = "") -> UsedFile:
    return UsedFile("file", path, asked_by)


def said(*used: UsedFile, pinned: tuple[str, ...] = ()) -> list[str]:
    return [str(each) for each in find_packages(used, pinned)]


@pytest.mark.parametrize(
    ("path", "package", "what", "distribution"),
    [
        ("/usr/share/zoneinfo/Nowhere/At_All", "tzdata", "time zones", "tzdata"),
        ("/etc/ssl/certs/no-such-bundle.crt", "ca-certificates", "certificates", "certifi"),
        ("/etc/pki/tls/certs/ca-bundle.crt", "ca-certificates", "certificates", "certifi"),
        ("/etc/mime.types", "media-types", "types of files", ""),
        ("/usr/share/fonts/none/NotoSansCJK-None.ttc", "fonts-noto-cjk", "fonts", ""),
        ("/usr/share/fonts/none/DejaVuNone.ttf", "fonts-dejavu-core", "fonts", ""),
        ("/usr/share/fonts/none/DejaVuNone-Oblique.ttf", "fonts-dejavu-extra", "fonts", ""),
        ("/usr/share/fonts/none/Corporate.otf", "", "fonts", ""),
        ("/System/Library/Fonts/Helvetica.ttc", "", "fonts", ""),
        ("/usr/lib/locale/xx_XX.utf8/LC_TIME", "locales", "locales", ""),
        ("/usr/share/misc/magic.none", "libmagic-mgc", "magic numbers of files", ""),
        ("/usr/share/espeak-ng-data/none", "espeak-ng-data", "voices", "espeakng-loader"),
        ("/usr/share/none/data.bin", "", "files", ""),
    ],
)
def test_files_of_known_kinds_have_a_package_where_dpkg_knows_none(
    path: str, package: str, what: str, distribution: str
) -> None:
    (found,) = find_packages([file(path)])
    assert (found.package, found.what, found.distribution) == (package, what, distribution)
    assert found.files == (path,)


def test_files_of_one_package_are_told_together_with_the_first_who_asked() -> None:
    zones = [f"/usr/share/zoneinfo/None/{name}" for name in "abcd"]
    assert said(*map(file, zones[1:]), file(zones[0], "run.py:4")) == [
        f"tzdata (time zones: {', '.join(zones[:3])} and 1 more, read by run.py:4;"
        " the distribution tzdata has them too)"
    ]


def test_what_a_pinned_distribution_brings_is_not_needed_of_the_system() -> None:
    zone = file("/usr/share/zoneinfo/None/a")
    assert said(zone, pinned=("tzdata",)) == []
    assert len(said(zone, pinned=("certifi",))) == 1


def test_what_every_system_and_every_python_has_is_left_out() -> None:
    libraries = ("libz.so.1.2.13", "libstdc++.so.6.0.30", "libssl.so.3", "libc-2.31.so")
    used = [UsedFile("library", f"/usr/lib/x86_64-linux-gnu/{name}") for name in libraries]
    used += [file("/etc/passwd"), file("/proc/cpuinfo"), file("/usr/lib/locale/C.utf8/LC_TIME")]
    used += [UsedFile("program", "/bin/sh"), file("/home/me/own.txt")]
    assert said(*used) == []


def test_libraries_and_programs_are_known_without_dpkg_where_they_are_well_known() -> None:
    used = [
        UsedFile("library", "/usr/lib/none/libgomp.so.1.0.0"),
        UsedFile("library", "/usr/lib/none/libcorporate.so.2"),
        UsedFile("program", "/usr/bin/none/ffmpeg", "run.py:9"),
    ]
    assert said(*used) == [
        "of no known package (libraries: /usr/lib/none/libcorporate.so.2)",
        "ffmpeg (programs: /usr/bin/none/ffmpeg, started by run.py:9)",
        "libgomp1 (libraries: /usr/lib/none/libgomp.so.1.0.0)",
    ]


def test_what_dpkg_knows_is_taken_from_it() -> None:
    program = Path("/usr/bin/awk")
    if shutil.which("dpkg-query") is None or not program.exists():
        pytest.skip("no dpkg, or no awk")
    (found,) = find_packages([UsedFile("program", str(program))])
    assert found.package in {"mawk", "gawk", "original-awk"}
