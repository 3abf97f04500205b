"""The versions that an advisory affects: the OSV format, its odd members first."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.errors import WrongUseError
from modelenv.wheels.advisories.advisory import read_advisory
from modelenv.wheels.advisories.databases import KnownAdvisories, read_databases
from modelenv.wheels.advisories.pinned_versions import KnownVersion, undecided, vulnerable
from modelenv.wheels.advisories.severity import base_score, severity_of

from ..audit.worlds import advisory, events


def affects(document: Any, version: str) -> bool:
    read = read_advisory(document)
    assert read is not None
    return any(each.has(version) for each in read.affected)


ALL = events(("introduced", "0"))
TWO = events(("introduced", "1.0"), ("fixed", "1.5"), ("introduced", "2.0"), ("fixed", "2.3"))
UNSORTED = events(("fixed", "2.3"), ("introduced", "2.0"), ("fixed", "1.5"), ("introduced", "1.0"))
LAST = events(("introduced", "1.0"), ("last_affected", "1.5"))
ONE = events(("introduced", "1.0"), ("last_affected", "1.0"))
AGAIN = events(("introduced", "1.0"), ("fixed", "1.5"), ("introduced", "1.5"), ("fixed", "1.6"))
LIMITED = events(("introduced", "1.0"), ("limit", "1.5"))
UNLIMITED = events(("introduced", "1.0"), ("limit", "*"))
BOTH = {**events(("introduced", "2.0")), "versions": ["1.0", "1.1rc1"]}


@pytest.mark.parametrize(
    ("affected", "yes", "no"),
    [
        (ALL, ["0.0.1.dev1", "0", "0a1", "99"], []),
        (TWO, ["1.0", "1.4.9", "1.5rc1", "2.0", "2.2"], ["0.9", "1.5", "1.9", "2.3", "2.3.post1"]),
        (UNSORTED, ["1.0", "2.2"], ["1.5", "2.3"]),
        (LAST, ["1.0", "1.5", "1.5+cu121"], ["1.5.1", "0.9"]),
        (ONE, ["1.0", "1"], ["1.0.1", "0.9"]),
        (AGAIN, ["1.0", "1.5"], ["1.6"]),
        (LIMITED, ["1.0", "1.4"], ["1.5", "2.0"]),
        (UNLIMITED, ["1.0", "99"], ["0.9"]),
        (BOTH, ["1.0", "1.0.0", "1.1RC1", "2.0", "3"], ["1.1", "1.0.1"]),
        (events(("introduced", "1.0"), ("fixed", "1.5")), ["1.4+edited.0a1b"], ["1.5+cu121"]),
        ({"versions": ["0.1-SNAPSHOT-x"]}, ["0.1-SNAPSHOT-x"], ["0.1"]),
        (events(("introduced", "1.0"), kind="SEMVER"), ["1.2"], ["0.9"]),
        (events(("introduced", "0"), kind="GIT"), [], ["1.0"]),
        ({}, [], ["1.0"]),
        ({"versions": None, "ranges": None}, [], ["1.0"]),
    ],
)
def test_a_range_and_a_list_say_which_versions(
    affected: Any, yes: list[str], no: list[str]
) -> None:
    document = advisory(affected)
    assert [each for each in yes if not affects(document, each)] == []
    assert [each for each in no if affects(document, each)] == []


def test_several_members_of_one_package_and_others(tmp_path: Path) -> None:
    document = advisory(events(("introduced", "1"), ("fixed", "2")), {"versions": ["3.0"]})
    document["affected"].append({"package": {"ecosystem": "npm", "name": "numpy"}, **ALL})
    document["affected"].append({"package": {"ecosystem": "PyPI", "name": "other"}, **ALL})
    document["affected"] += [{"package": None, **ALL}, "nonsense", {"package": {"name": "numpy"}}]
    assert affects(document, "1.5")
    assert affects(document, "3.0")
    read = read_advisory(document)
    assert read is not None
    mine = [each for each in read.affected if each.key == "numpy"]
    assert not any(each.has("2.5") for each in mine)


@pytest.mark.parametrize("name", ["NumPy", "num_py", "NUM.PY", "num-py"])
def test_names_are_normalised(name: str, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(advisory(ALL, name=name)))
    known = "numpy" if name == "NumPy" else "num-py"
    assert read_databases([file], {known}).found.keys() == {known}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (events(("introduced", "1.x")), "introduced '1.x' is no version"),
        (events(("fixed", "1.5")), "without a version at which it begins"),
        (events(("introduced", 1.1)), "unquoted number"),  # type: ignore[arg-type]
        ({"ranges": [{"type": "OTHER", "events": []}]}, "unknown type 'OTHER'"),
        ({"ranges": {"type": "ECOSYSTEM"}}, "its ranges are no list"),
        ({"ranges": [{"type": "SEMVER", "events": "1.0"}]}, "its events are no list"),
        ({}, "it lists no versions"),
        (events(("introduced", "0"), kind="GIT"), "it lists no versions"),
    ],
)
def test_what_cannot_be_compared_is_told_and_not_passed_over(
    said: Any, why: str, tmp_path: Path
) -> None:
    advisories = KnownAdvisories()
    read = read_advisory(advisory(said))
    assert read is not None
    advisories.add(read, {"numpy"})
    pin = KnownVersion("numpy", "1.1")
    assert vulnerable([pin], advisories) == ()
    (told,) = map(str, undecided([pin], advisories))
    assert told.startswith("numpy==1.1: GHSA-1 cannot be compared with it")
    assert why in told
    text = read_advisory(advisory({**said, "versions": "1.1"}))
    assert text is not None
    assert "its versions are no list" in text.affected[0].unread
    listed = read_advisory(advisory({**said, "versions": ["1.1"]}))
    assert listed is not None
    advisories.found["numpy"] = [listed]
    assert len(vulnerable([pin], advisories)) == 1
    assert [*undecided([pin], advisories)] == []


def test_what_was_withdrawn_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(advisory(ALL, withdrawn="2026-01-02T00:00:00Z")))
    read = read_databases([tmp_path], {"numpy"})
    assert read.found == {}
    assert read.withdrawn == 1


def test_those_that_speak_of_one_thing_are_one() -> None:
    advisories = KnownAdvisories()
    mended = events(("introduced", "0"), ("fixed", "1.22.0"))
    again = events(("introduced", "0"), ("fixed", "1.21.9"), ("introduced", "2"), ("fixed", "2.1"))
    for name, aliases, said, grave in (
        ("GHSA-1", ["CVE-1"], mended, "MODERATE"),
        ("PYSEC-1", ["CVE-2"], again, None),
        ("OSV-1", ["CVE-1", "CVE-2"], mended, "HIGH"),
        ("GHSA-2", ["CVE-9"], mended, None),
    ):
        further: dict[str, Any] = {
            "id": name,
            "aliases": aliases,
            "database_specific": {"severity": grave},
        }
        read = read_advisory(advisory(said, **further))
        assert read is not None
        advisories.add(read, {"numpy"})
    found = vulnerable([KnownVersion("numpy", "1.21.0")], advisories)
    assert [{*each.ids} for each in found] == [
        {"GHSA-1", "CVE-1", "PYSEC-1", "CVE-2", "OSV-1"},
        {"GHSA-2", "CVE-9"},
    ]
    assert found[0].severity == "high"
    assert found[0].fixed == ("1.21.9", "1.22.0", "2.1")


@pytest.mark.parametrize(
    ("vector", "score"),  # of the specification's own examples (CVSS 3.1, user guide)
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H/E:P", 9.1),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("CVSS:3.1/AV:N", None),
    ],
)
def test_a_vector_has_the_score_of_its_specification(vector: str, score: float | None) -> None:
    assert base_score(vector) == score


def test_the_gravest_word_counts() -> None:
    vector = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
    own = {"database_specific": {"severity": "LOW"}}
    assert severity_of({**own, "affected": [{"severity": [vector]}]}) == "critical"
    assert severity_of(own) == "low"
    assert severity_of({"severity": [{"type": "CVSS_V4", "score": "x"}]}) == ""


def test_they_are_read_from_files_folders_and_zips(tmp_path: Path) -> None:
    (tmp_path / "deep" / ".git").mkdir(parents=True)
    (tmp_path / "README.md").write_text("no advisory")
    (tmp_path / "deep/.git/a.json").write_text("{")
    (tmp_path / "deep/one.json").write_text(json.dumps(advisory(ALL)))
    (tmp_path / "deep/id-allocator.yaml").write_text("last: 17\n")
    text = (
        "id: PYSEC-1\naffected:\n- package: {name: NumPy, ecosystem: PyPI}\n  versions: ['1.10']\n"
    )
    (tmp_path / "two.yaml").write_text(text)
    (tmp_path / "bare.yml").write_text(text.replace("'1.10'", "1.10").replace("PYSEC-1", "PYSEC-2"))
    (tmp_path / "other.yaml").write_text(text.replace("NumPy", "pandas") + "x: [")
    read = read_databases([tmp_path], {"numpy"})
    assert sorted(each.id for each in read.found["numpy"]) == ["GHSA-1", "PYSEC-1", "PYSEC-2"]
    assert read.unreadable == []
    unread = {each.id: each.affected[0].unread for each in read.found["numpy"]}
    assert unread["PYSEC-1"] == ()
    assert "1.1 is an unquoted number" in unread["PYSEC-2"][0]
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PYSEC-1.json", json.dumps(advisory(ALL, id="PYSEC-1")))
        archive.writestr("broken.json", "{")
        archive.writestr("list.json", json.dumps([advisory(ALL, id="A"), advisory(ALL, id="B")]))
        archive.writestr("answer.json", json.dumps({"vulns": [advisory(ALL, id="C")]}))
    read = read_databases([tmp_path / "all.zip"], {"numpy"})
    assert [each.id for each in read.found["numpy"]] == ["PYSEC-1", "A", "B", "C"]
    assert len(read.unreadable) == 1
    assert "broken.json" in read.unreadable[0]


def _spoilt(method: int, *, encrypted: bool = False) -> bytes:
    """Return a zip of two advisories, of which the first cannot be unpacked."""
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w", method) as archive:
            archive.writestr("a.json", json.dumps(advisory(ALL, id="A")))
            archive.writestr("b.json", json.dumps(advisory(ALL, id="B")))
        data = bytearray(stream.getvalue())
    if encrypted:
        for place in (6, data.find(b"PK\x01\x02") + 8):
            data[place] |= 1
    else:
        data[50:70] = b"\xff" * 20
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        _spoilt(zipfile.ZIP_STORED, encrypted=True),
        _spoilt(zipfile.ZIP_DEFLATED),
        _spoilt(zipfile.ZIP_BZIP2),
        _spoilt(zipfile.ZIP_LZMA),
    ],
    ids=["encrypted", "deflate", "bzip2", "lzma"],
)
def test_a_member_that_cannot_be_unpacked_is_told_and_the_others_are_read(
    data: bytes, tmp_path: Path
) -> None:
    place = tmp_path / "all.zip"
    place.write_bytes(data)
    read = read_databases([place], {"numpy"})
    assert [each.id for each in read.found["numpy"]] == ["B"]
    (told,) = read.unreadable
    assert told.startswith(f"{place}/a.json: ")


@pytest.mark.parametrize("name", ["github.com/kiln/heat", "@kiln/heat", "heat"])
def test_yaml_is_read_by_the_names_of_every_ecosystem(name: str, tmp_path: Path) -> None:
    ecosystem = {"g": "Go", "@": "npm", "h": "crates.io"}[name[0]]
    package = f'package: {{name: "{name}", ecosystem: {ecosystem}}}'
    (tmp_path / "a.yaml").write_text(
        f"id: A\naffected:\n- {package}\n  versions: ['1.0.0']\ncredits:\n- name: Ada\n"
    )
    key = f"{ecosystem}:{name}"
    assert [each.id for each in read_databases([tmp_path], {key}).found[key]] == ["A"]


def test_an_advisory_whose_members_are_no_list_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"id": "A", "affected": {"package": {"name": "numpy"}}}')
    assert "the `affected` of A is no list" in read_databases([tmp_path], {"numpy"}).unreadable[0]


def test_what_an_advisory_says_stays_on_its_line() -> None:
    read = read_advisory(advisory(ALL, id="A\nB", summary="reads\r\n  more", aliases=["C\nD"]))
    assert read is not None
    assert (read.id, read.summary, read.aliases) == ("A B", "reads more", ("C D",))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("absent", None, "there is no such file or folder"),
        ("a.zip", b"PK nothing", "cannot be read as a zip"),
        ("empty", "folder", "holds no advisory"),
        ("absent.zip", None, "there is no such file or folder"),
        ("b.json", b'{"a": 1}', "holds no advisory"),
        ("conda.yaml", b"name: wine\nchannels: [conda-forge]\n", "holds no advisory"),
    ],
)
def test_a_place_that_holds_none_is_refused(
    tmp_path: Path, name: str, data: Any, said: str
) -> None:
    place = tmp_path / name
    if data == "folder":
        place.mkdir()
    elif data is not None:
        place.write_bytes(data)
    with pytest.raises(WrongUseError) as refused:
        read_databases([place], {"numpy"})
    assert said in str(refused.value)
    assert str(place) in str(refused.value)
