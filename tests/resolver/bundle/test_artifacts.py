"""Files with their hashes: from pages, from folders, for one target or another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from resolver import Artifacts, Target, find_artifacts
from resolver.errors import SourceError
from resolver.index.fetcher import Fetched
from resolver.index.simple_api import JSON, Link, parse_page
from resolver.sources.wheels import WheelFolder

if TYPE_CHECKING:
    from pathlib import Path

HASH = "sha256:" + "0f" * 32
TOLD = "sha256=" + "0f" * 32
TARGET = Target(
    {}, ("cp311-cp311-manylinux_2_28_x86_64", "cp311-abi3-linux_x86_64", "py3-none-any")
)


@dataclass
class Pin:
    name: str
    version: Version


class Page:
    """A source that is a list of links, or is down."""

    def __init__(self, *links: Link, down: bool = False) -> None:
        self._links = links
        self._down = down

    def links(self, name: str) -> tuple[Link, ...]:
        if self._down:
            raise SourceError("https://host", "it cannot be reached")
        return self._links


def link(file: str, *, hashes: tuple[str, ...] = (HASH,), host: str = "https://host") -> Link:
    return Link(file, f"{host}/{file}", hashes=hashes, size=7)


def find(*sources: Page, pin: str = "a==1.0") -> Artifacts:
    name, _, version = pin.partition("==")
    return find_artifacts([Pin(name, Version(version))], TARGET, sources=sources)


def test_wheels_that_suit_the_target_are_taken_the_best_first() -> None:
    found = find(
        Page(
            link("a-1.0-py3-none-any.whl"),
            link("a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"),
            link("a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"),
            link("a-1.0.tar.gz"),
            link("a-1.1-py3-none-any.whl"),
            link("b-1.0-py3-none-any.whl"),
            link("not a file name"),
        )
    )
    assert [each.file for each in found.files["a"]] == [
        "a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        "a-1.0-py3-none-any.whl",
    ]
    assert found.complete
    assert (found.files["a"][0].size, found.files["a"][0].hashes) == (7, (HASH,))


def test_a_source_distribution_is_taken_where_no_wheel_suits_and_told() -> None:
    found = find(Page(link("a-1.0-cp312-cp312-win_amd64.whl"), link("a-1.0.tar.gz")))
    assert [each.file for each in found.files["a"]] == ["a-1.0.tar.gz"]
    assert found.notes == ("a 1.0 has only a source distribution for this target",)


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        ((), "no index and no folder has it"),
        ((link("a-1.0-cp312-cp312-win_amd64.whl"),), "no file of it is for this platform"),
        ((link("a-1.0-py3-none-any.whl", hashes=()),), "the index states no hash"),
        ((link("a-1.0-py3-none-any.whl", hashes=("md5:00", "sha256:00")),), "states no hash"),
    ],
)
def test_what_has_no_file_with_a_hash_is_told(links: tuple[Link, ...], reason: str) -> None:
    found = find(Page(*links))
    assert not found.complete
    assert reason in found.missing[0]


def test_a_name_and_version_are_the_same_in_any_spelling() -> None:
    found = find(Page(link("Big_Name-1.0.0-py3-none-any.whl")), pin="big.name==1.0")
    assert found.complete


def test_a_local_wheel_is_hashed_here(tmp_path: Path) -> None:
    wheel = tmp_path / "a-1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    source = WheelFolder(tmp_path, TARGET)
    (file,) = find_artifacts([Pin("a", Version("1.0"))], TARGET, sources=[source]).files["a"]
    assert file.is_local
    assert file.hashes == ("sha256:" + hashlib.sha256(b"wheel").hexdigest(),)
    assert file.size == 5


def test_a_file_that_others_can_fetch_is_preferred_to_a_local_one() -> None:
    local = Page(link("a-1.0-py3-none-any.whl", host="file:///links"))
    elsewhere = Page(link("a-1.0-py3-none-any.whl"))
    assert not find(local, elsewhere).files["a"][0].is_local
    assert find(local, Page()).files["a"][0].is_local


def test_a_source_that_is_down_matters_only_where_no_other_has_the_file() -> None:
    local = Page(link("a-1.0-py3-none-any.whl", host="file:///links"))
    assert find(Page(down=True), local).complete
    with pytest.raises(SourceError):
        find(Page(down=True), Page())


def test_pages_tell_hashes_and_sizes_in_both_forms() -> None:
    file = '{"filename": "a-1.whl", "url": "a-1.whl", "size": 7, "hashes": {"sha256": "%s"}}' % (
        "0f" * 32
    )
    page = Fetched(f'{{"files": [{file}]}}'.encode(), JSON, "https://host/a/")
    (found,) = parse_page(page).links
    assert (found.hashes, found.size) == ((TOLD,), 7)
    html = Fetched(
        f'<a href="a-1.whl#{TOLD}">x</a><a href="b.whl">y</a>'.encode(), "text/html", "https://h"
    )
    assert [each.hashes for each in parse_page(html).links] == [(TOLD,), ()]
