"""Debian's releases name a package as they do, and the tables hold what they say."""

from __future__ import annotations

import platform
import re

import pytest

from modelenv.system.bases import release_of, release_said, spelled, this_release
from modelenv.system.data import read_table
from modelenv.system.debian import (
    library_package,
    program_package,
    releases_of_library,
    renamed,
    sonames,
)
from modelenv.system.dpkg import InstalledPackage, brought_along

NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def packages(entry: object) -> list[str]:
    return list(entry.values()) if isinstance(entry, dict) else [str(entry)]


def test_every_debian_package_is_named_as_debian_names_them() -> None:
    table = read_table("debian_packages")
    entries = [
        each for part in ("libraries", "programs", "python_parts") for each in table[part].values()
    ]
    assert len(entries) > 400
    assert all(NAME.fullmatch(name) for entry in entries for name in packages(entry))
    releases = {key for entry in entries if isinstance(entry, dict) for key in entry}
    assert releases == {"11", "12", "13"}


def test_libraries_are_named_by_their_sonames() -> None:
    table = read_table("debian_packages")
    for name in (*table["libraries"], *table["slim_bases"]["libraries"]):
        assert re.fullmatch(r"[\w.+-]+\.so(\.[\w.]+)?", name), name


def test_what_is_loaded_by_name_is_in_the_other_table() -> None:
    table = read_table("loaded_by_name")
    for names in table["libraries"].values():
        assert all(library_package(name) for name in names), names
    for names in table["programs"].values():
        assert all(program_package(name) for name in names), names


@pytest.mark.parametrize(
    ("base", "release"),
    [
        ("python:3.11-slim", "13"),
        ("docker.io/library/python:3.11-slim", "13"),
        ("registry:5000/mlops/python:3.11-slim", "13"),
        ("python:3.8-slim", "12"),
        ("python:3.11-slim-bookworm", "12"),
        ("python:3.11-bookworm@sha256:00", "12"),
        ("python:3.11.7-slim", "12"),
        ("docker.io/library/python:3.12.1-slim", "12"),
        ("python:3.13.0", "12"),
        ("python:3.10.4", "11"),
        ("python:3.11.3-slim", "11"),
        ("python:3.12.12-slim", "13"),
        ("python:3.14.0-slim", "13"),
        ("python:3.12.11-slim", ""),
        ("python:3.11.4-slim", ""),
        ("python:3.9.1-slim", ""),
        ("python:3.11-slim@sha256:00", ""),
        ("python:3.11.7-slim@sha256:00", "12"),
        ("debian:12-slim", "12"),
        ("debian:13.1", "13"),
        ("debian:testing", ""),
        ("ubuntu:24.04", "24.04"),
        ("ubuntu:22.04", "22.04"),
        ("ubuntu:noble-20250101", "24.04"),
        ("ubuntu:25.10", ""),
        ("nvidia/cuda:12.4.1-runtime-ubuntu22.04", "22.04"),
        ("jupyter/base-notebook:ubuntu-22.04", "22.04"),
        ("localhost:5000/python-base:deb12", ""),
        ("registry.example/ours", ""),
        ("python:3.11-alpine", ""),
    ],
)
def test_the_release_of_a_base_is_told_by_its_name(base: str, release: str) -> None:
    assert release_of(base) == release


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n', "12"),
        ("ID=ubuntu\nID_LIKE=debian\nVERSION_ID='24.04'\n", "24.04"),
        ("ID=debian\nVERSION_CODENAME=forky\n", ""),
        ("ID=fedora\nVERSION_ID=12\n", ""),
        ("", ""),
    ],
)
def test_a_system_says_its_release(text: str, release: str) -> None:
    assert release_said(text) == release


def test_a_library_has_the_package_of_the_release() -> None:
    assert library_package("libcurl.so.4", "12") == "libcurl4"
    assert library_package("libcurl.so.4", "13") == "libcurl4t64"
    assert library_package("libcurl.so.4") == "libcurl4"  # which 13 provides too
    assert library_package("libicuuc.so.72", "13") == ""
    assert library_package("libicuuc.so.72", "") == ""
    assert library_package("libicuuc.so.72") == "libicu72"
    assert library_package("libcurl.so.4", "22.04") == "libcurl4"
    assert library_package("libcurl.so.4", "24.04") == "libcurl4t64"
    assert library_package("libicuuc.so.72", "24.04") == library_package("libjpeg.so.62", "22.04")
    assert spelled("24.04") == "ubuntu 24.04"
    assert releases_of_library("libicuuc.so.72") == ("12",)
    assert releases_of_library("libcorporate.so.1") == ()


def test_a_file_of_a_library_is_known_by_the_names_that_it_is_linked_by() -> None:
    assert list(sonames("/usr/lib/libgomp.so.1.0.0")) == ["libgomp.so.1"]
    assert list(sonames("libcorporate.so.1.2")) == []


def test_a_package_is_renamed_between_releases() -> None:
    assert renamed("libasound2", "13") == "libasound2t64"
    assert renamed("libasound2t64", "12") == "libasound2"
    assert renamed("libicu72", "13") == "libicu72"


def test_this_machine_s_release_is_told() -> None:
    assert this_release()
    if platform.system() == "Linux":
        assert this_release().split()[0].islower()


def test_what_others_bring_along_is_known_also_in_a_circle() -> None:
    installed = {
        "libgl1": InstalledPackage("1", frozenset({"libglx0"})),
        "libglx0": InstalledPackage("1", frozenset({"libx11-6", "libglvnd0"})),
        "libx11-6": InstalledPackage("1", frozenset()),
        "a": InstalledPackage("1", frozenset({"b"})),
        "b": InstalledPackage("1", frozenset({"a"})),
    }
    found = brought_along({"libgl1", "libx11-6", "a", "b", "unknown"}, installed)
    assert found == {"libx11-6", "b"}
