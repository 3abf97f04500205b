"""What was seen on another distribution, or of a company's repository, is not taken for Debian's."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelenv.system.use import SystemUse, UsedPackage

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
