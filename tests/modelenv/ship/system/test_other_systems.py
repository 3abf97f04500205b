"""Packages of other distributions are not taken for Debian's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelenv.folder.model_folder import ModelFolder
from modelenv.system.find_packages import find_packages
from modelenv.system.use import SystemUse, UsedPackage
from modelenv.system.used_file import UsedFile

from .test_packages import BOOKWORM, TRIXIE, folder, needs, told

NOBLE = "ubuntu:24.04"


@pytest.mark.parametrize(
    ("seen", "package", "what", "file", "base", "expected"),
    [
        ("ubuntu 24.04", "libjpeg-turbo8", "libraries", "/l/libjpeg.so.8.2.2", TRIXIE, ""),
        ("ubuntu 24.04", "libjpeg-turbo8", "libraries", "/l/libjpeg.so.8.2.2", NOBLE, "=same"),
        ("ubuntu 24.04", "libicu74", "libraries", "/l/libicuuc.so.74.2", BOOKWORM, ""),
        ("ubuntu 24.04", "libmagic1t64", "libraries", "/l/libmagic.so.1", BOOKWORM, "libmagic1"),
        ("ubuntu 24.04", "fonts-ubuntu", "fonts", "/f/Ubuntu-R.ttf", TRIXIE, ""),
        ("ubuntu 24.04", "fonts-dejavu-extra", "fonts", "/f/DejaVu.ttf", TRIXIE, "=same"),
        ("ubuntu 24.04", "snapd", "programs", "/usr/bin/snap", "registry.example/ours", ""),
        ("ubuntu 24.04", "openjdk-21-jre", "programs", "/b/java", TRIXIE, "default-jre-headless"),
        ("linuxmint 22", "mint-themes", "files", "/usr/share/themes/x", TRIXIE, ""),
        ("debian 12", "google-chrome-stable", "programs", "/opt/google/chrome", BOOKWORM, ""),
        ("debian 12", "nvidia-utils-550", "programs", "/usr/bin/nvidia-smi", BOOKWORM, ""),
        ("debian 12", "libicu72", "libraries", "/l/libicuuc.so.72.1", NOBLE, ""),
        ("debian 12", "libicu72", "libraries", "/l/libicuuc.so.72.1", "registry.example/ours", ""),
        ("debian 12", "our-fonts", "fonts", "/f/Our.ttf", NOBLE, ""),
        ("debian 12", "perl-base", "programs", "/usr/bin/perl", BOOKWORM, "=none"),
    ],
)
def test_what_another_system_calls_its_own_is_said_and_not_asked_of_this_one(
    tmp_path: Path, seen: str, package: str, what: str, file: str, base: str, expected: str
) -> None:
    use = SystemUse(seen, (UsedPackage(package=package, what=what, files=(file,)),))
    found = needs(folder(tmp_path, use=use), base)
    if expected == "":
        assert found.packages == ()
        assert len(found.needs) == 1
        assert Path(file).name.partition(".")[0] in found.needs[0]
    else:
        wanted = {"=same": [package], "=none": []}.get(expected, [expected])
        assert ([*told(found)], found.needs) == (wanted, ())


@pytest.mark.parametrize(
    ("base", "zone", "package"),
    [
        (BOOKWORM, "US/Eastern", "tzdata"),
        (TRIXIE, "US/Eastern", "tzdata-legacy"),
        (NOBLE, "Asia/Calcutta", "tzdata-legacy"),
        (TRIXIE, "Japan", "tzdata-legacy"),
        (TRIXIE, "America/New_York", "tzdata"),
    ],
)
def test_old_names_of_time_zones_are_apart_in_newer_releases(
    tmp_path: Path, base: str, zone: str, package: str
) -> None:
    seen = find_packages([UsedFile("named", f"/usr/share/zoneinfo/{zone}", "a.py")], here=False)
    model = folder(tmp_path, use=SystemUse("debian 12", seen))
    assert [*told(needs(model, base))] == [package]


def test_an_old_folder_is_looked_into_for_what_it_names(tmp_path: Path) -> None:
    touches: list[dict[str, Any]] = [
        {"kind": "program", "name": f"/usr/bin/{name}"} for name in ("awk", "timeout", "ip", "perl")
    ]
    model = folder(tmp_path, touches=touches)
    code = model.path / "code/own"
    code.mkdir(parents=True)
    (code / "draw.py").write_text("F = 'LiberationSans.ttf'; Z = 'Europe/Paris'; W = 'Own.ttf'")
    assert told(needs(ModelFolder.open(model.path))) == {
        "fonts-liberation": "fonts, named by draw.py",
        "iproute2": "the program ip",
        "tzdata": "time zones, named by draw.py",
    }


@pytest.mark.parametrize(
    ("pin", "base", "packages", "said"),
    [
        ("wand", BOOKWORM, ["libmagickwand-6.q16-6"], ""),
        ("wand", TRIXIE, ["libmagickwand-7.q16-10"], ""),
        ("wand", "registry.example/ours", [], "libMagickWand-7.Q16.so.10, loaded by wand, is in"),
        ("pdfkit", BOOKWORM, ["wkhtmltopdf"], ""),
        ("pdfkit", TRIXIE, [], "the program wkhtmltopdf for pdfkit is in Debian 12 and not in 13"),
        ("ocrmypdf", TRIXIE, ["ghostscript", "tesseract-ocr"], ""),
        ("rpy2", TRIXIE, ["r-base-core"], ""),
        ("jpype1", TRIXIE, ["default-jre-headless"], ""),
        ("soundfile", TRIXIE, [], ""),
    ],
)
def test_what_a_pin_loads_by_name_is_that_of_the_release(
    tmp_path: Path, pin: str, base: str, packages: list[str], said: str
) -> None:
    found = needs(folder(tmp_path, f"{pin}==1"), base)
    assert [*told(found)] == packages
    assert [each for each in found.needs if said and each.startswith(said)] == [*found.needs][
        : bool(said)
    ]
