"""Direct references: what they name, and whether others can reach them."""

from __future__ import annotations

import pytest

from resolver.requirements.references import archive_hashes, is_local, references, same_reference


def test_a_folder_within_a_repository_is_part_of_the_reference():
    direct = {
        "url": "https://host/r.git",
        "subdirectory": "python",
        "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "ab12"},
    }
    assert references(direct) == (
        "git+https://host/r.git@ab12#subdirectory=python",
        "git+https://host/r.git@v1#subdirectory=python",
        "git+https://host/r.git#subdirectory=python",
    )


@pytest.mark.parametrize("about", [{"hashes": {"sha256": "ab"}}, {"hash": "sha256=ab"}])
def test_an_archive_is_named_with_its_hash(about):
    direct = {"url": "https://host/a-1.0.tar.gz", "archive_info": about}
    assert archive_hashes(direct) == {"sha256": "ab"}
    assert references(direct) == ("https://host/a-1.0.tar.gz#sha256=ab",)


def test_a_hash_that_the_address_bore_already_is_not_written_twice():
    direct = {"url": "https://host/a.whl#sha256=cd", "archive_info": {"hash": "sha256=ab"}}
    assert references(direct) == ("https://host/a.whl#sha256=ab",)


def test_an_archive_without_a_hash_is_named_by_its_address():
    assert references({"url": "https://host/a.whl", "archive_info": {}}) == ("https://host/a.whl",)


@pytest.mark.parametrize("direct", [None, {}, {"url": 3}])
def test_what_says_no_address_has_no_reference(direct):
    assert references(direct) == ()


@pytest.mark.parametrize(
    ("asked", "have", "same"),
    [
        ("file:///a/b", "file://localhost/a/b/", True),
        ("https://HOST/a.whl#sha256=ab", "https://host/a.whl", True),
        ("https://host/a%20b.whl", "https://host/a b.whl", True),
        ("git+https://host/r@v1", "git+https://host/r@v2", False),
    ],
)
def test_references_are_compared_by_what_they_lead_to(asked, have, same):
    assert same_reference(asked, have) is same


@pytest.mark.parametrize(
    ("url", "local"),
    [("file:///a", True), ("GIT+FILE:///a", True), ("https://h/file:", False), ("c:/a", False)],
)
def test_an_address_is_local_by_its_scheme(url, local):
    assert is_local(url) is local
