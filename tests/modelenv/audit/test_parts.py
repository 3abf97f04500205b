"""Components in the wheels of pins, by their SBOMs, and advisories on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from modelenv.audit.package_urls import PackageUrl
from modelenv.audit.parts import WheelParts
from modelenv.wheels.advisories.ecosystems import read_version
from modelenv.wheels.advisories.pinned_versions import KnownVersion
from resolver import Installed, Target

from .worlds import advisory, below, bill, component, events, install_with_bills, put

if TYPE_CHECKING:
    from .conftest import Pinned

GOMP = "pkg:rpm/almalinux/libgomp@8.5.0-28.el8_10.alma.1"
ALL = events(("introduced", "0.0.0-0"), kind="SEMVER")
LIBS = {"native.libs/libgomp-e985bcbb.so.1.0.0": "", "native.libs/libown-01234567.so.1": ""}
BILLS = {
    "auditwheel.cdx.json": bill(
        component("pkg:pypi/native@1.0?file_name=native-1.0-py3-none-any.whl"),
        component(GOMP),
    ),
    "rust.cyclonedx.json": bill(
        component("pkg:cargo/memchr@2.7.1"),
        component("pkg:cargo/own-crate@0.1.0?download_url=file://own-crate"),
        component("pkg:cargo/only-tests@0.1.0", scope="excluded"),
        component("pkg:pypi/Vendored_Lib@3.0"),
        component("pkg:pypi/wanted"),
        component("pkg:generic/openssl@4.0.3"),
        metadata={"component": component("pkg:pypi/native@1.0#native/_rust")},
    ),
    "broken.json": ["no bill"],
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "site"
    place.mkdir()
    install_with_bills(place, "native", "1.0", BILLS, LIBS)
    monkeypatch.syspath_prepend(str(place))
    return place


def test_each_part_is_known_by_its_ecosystem_and_by_who_holds_it(site: Path) -> None:
    pins = [KnownVersion("native", "1.0"), KnownVersion("absent", "2.0")]
    parts = WheelParts.of(pins, Installed((str(site),), Target.current()))
    assert parts.within == {
        KnownVersion("libgomp", "8.5.0-28.el8_10.alma.1", "AlmaLinux:8"): ["native==1.0"],
        KnownVersion("memchr", "2.7.1", "crates.io"): ["native==1.0"],
        KnownVersion("vendored-lib", "3.0"): ["native==1.0"],
    }
    assert parts.unjudged == [
        "native==1.0: native-1.0.dist-info/sboms/broken.json is not in CycloneDX's format",
        "in native==1.0, of no ecosystem whose advisories are read: openssl 4.0.3",
        "in native==1.0, of unknown origin, as no bill names it: libown",
        "what is in the wheels of 1 pin not installed here (absent==2.0): name an interpreter that"
        " has them (--python)",
    ]


def test_what_is_pinned_and_vendored_is_told_once(
    pinned: Pinned, site: Path, tmp_path: Path
) -> None:
    folder = pinned({"native==1.0": "", "vendored-lib==3.0": ""})
    places = put(tmp_path / "osv", advisory(below("3.1"), name="vendored-lib"))
    (found,) = modelenv.audit_model(folder, advisories=places).vulnerable
    assert (found.within, found.said_by) == ((), "advisories")


def test_a_wheel_of_another_version_is_not_that_of_the_pin(site: Path) -> None:
    parts = WheelParts.of(
        [KnownVersion("native", "1.1")], Installed((str(site),), Target.current())
    )
    assert parts.within == {}
    assert "not installed here" in parts.unjudged[0]


def test_what_is_known_against_a_part_is_told_with_its_wheel(
    pinned: Pinned, site: Path, tmp_path: Path
) -> None:
    folder = pinned({"native==1.0": "imported by the model"})
    mended = below("8.5.0-29.el8_10.alma.1")
    said: list[dict[str, Any]] = [
        advisory(
            mended,
            name="libgomp",
            ecosystem="AlmaLinux:8",
            id="ALSA-8",
            summary="Important: gcc security update",
        ),
        advisory(below("99"), name="libgomp", ecosystem="AlmaLinux:9", id="ALSA-9"),
        advisory(below("99"), name="libgomp", ecosystem="AlmaLinux:8", id="ALBA-1"),  # no security
        advisory(below("2.7.1"), name="memchr", ecosystem="crates.io", id="RUSTSEC-old"),
        advisory(below("2.7.2"), name="memchr", ecosystem="crates.io", id="RUSTSEC-1"),
        advisory(
            {**ALL, "database_specific": {"informational": "unmaintained"}},
            name="memchr",
            ecosystem="crates.io",
            id="RUSTSEC-unmaintained",
        ),
        advisory(below("99"), name="memchr", id="GHSA-of-PyPI"),
        advisory(below("3.1"), name="vendored.lib", id="GHSA-2"),
    ]
    audit = modelenv.audit_model(folder, advisories=put(tmp_path / "osv", *said))
    assert [(str(each.pin), each.ids, each.within) for each in audit.vulnerable] == [
        ("libgomp 8.5.0-28.el8_10.alma.1 (AlmaLinux:8)", ("ALSA-8",), ("native==1.0",)),
        ("memchr 2.7.1 (crates.io)", ("RUSTSEC-1",), ("native==1.0",)),
        ("vendored-lib==3.0", ("GHSA-2",), ("native==1.0",)),
    ]
    assert [each.severity for each in audit.vulnerable] == ["high", "", ""]
    assert audit.parts == 3
    assert audit.ways_out == (f"modelenv upgrade -m {folder} native",)
    assert "memchr 2.7.1 (crates.io) in native==1.0: RUSTSEC-1; mended in 2.7.2" in str(audit)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("pkg:npm/%40scope/part@1.0.0", KnownVersion("@scope/part", "1.0.0", "npm")),
        ("pkg:golang/example.org/m@v1.2.0", KnownVersion("example.org/m", "v1.2.0", "Go")),
        ("pkg:rpm/rocky/z@1.2-3.el9?epoch=1", KnownVersion("z", "1:1.2-3.el9", "Rocky Linux:9")),
        ("pkg:rpm/centos/zlib@1.2-3.el7", None),
        ("pkg:rpm/almalinux/zlib@1.2", None),
        ("pkg:deb/debian/zlib@1.2", None),
        ("pkg:cargo/serde", None),
        ("pkg:cargo/serde@of-today", None),
        ("pkg:pypi/pip@26.0%2Bown", KnownVersion("pip", "26.0+own")),
    ],
)  # fmt: skip
def test_a_package_url_is_what_advisories_call_it(text: str, known: KnownVersion | None) -> None:
    purl = PackageUrl.read(text)
    assert purl is not None
    assert purl.known == known


@pytest.mark.parametrize("text", [None, 7, "", "numpy", "pkg:", "pkg:pypi", "pkg:pypi/"])
def test_what_is_no_package_url_is_none(text: object) -> None:
    assert PackageUrl.read(text) is None


# Each list from the lowest to the highest: of semver.org (§11), and of RPM's own rpmvercmp tests.
ORDERED = {
    "crates.io": [
        *("0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"),
        *("1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0"),
    ],
    "AlmaLinux:8": [
        *("1.0~rc1-1", "1.0~rc1^git1-1", "1.0-1", "1.0^-1", "1.0^git1-1", "1.0.a-1", "1.0.1-1"),
        *("1.0.1-2.el8", "1.0.1-2.el8_10", "1.0.010-1", "2.0-0", "2.50-1"),
    ],
}


@pytest.mark.parametrize("ecosystem", ORDERED)
def test_versions_stand_in_the_order_of_their_ecosystem(ecosystem: str) -> None:
    texts = ORDERED[ecosystem]
    read = [read_version(ecosystem, each) for each in texts]
    assert [str(each) for each in sorted({*read})] == texts
    assert len({*read}) == len(texts)


@pytest.mark.parametrize(
    ("ecosystem", "one", "other"),
    [
        ("crates.io", "1.0.0+build1", "1.0.0+build2"),
        ("Go", "v1.2.0", "1.2.0"),
        ("npm", "1.2", "1.2.0"),
        ("AlmaLinux:8", "1.0-1", "1:1.0-1"),  # in a wheel there is none
        ("AlmaLinux:8", "1.001-1", "1.1-1"),
    ],
)
def test_two_spellings_of_a_version_are_equal(ecosystem: str, one: str, other: str) -> None:
    assert read_version(ecosystem, one) == read_version(ecosystem, other)


@pytest.mark.parametrize(
    ("ecosystem", "text"), [("npm", "1.x"), ("crates.io", "1.0.0.0"), ("AlmaLinux:8", "a:1-1")]
)
def test_what_is_no_version_is_refused(ecosystem: str, text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        read_version(ecosystem, text)
