"""Indexes, folders of wheels, and what pip is configured with; all on this machine."""

from __future__ import annotations

import os
import sys
from base64 import b64decode
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from resolver import ConflictError, Target, find_artifacts, merge, resolve
from resolver.errors import BrokenMetadataError, ConfigurationError, SourceError
from resolver.index.cache import HttpCache
from resolver.index.credentials import Logins, basic, may_hold_secret
from resolver.index.fetcher import Fetched, Fetcher
from resolver.index.pip_config import PipOptions, ask_pip, parse_options, remembered_options
from resolver.index.session import Access
from resolver.index.simple_api import parse_page
from resolver.settings import IndexSettings, Strategy
from resolver.sources.availability import lacking
from resolver.sources.configured import configured_sources, index_forbidden_by
from resolver.sources.index import IndexSource
from resolver.sources.wheels import WheelFolder

from .index_server import FILLING, answer, pins, wheel

# An index


@pytest.mark.parametrize("json_pages", [True, False])
@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("offered", [True, False])
def test_every_kind_of_index_gives_the_same_pins(index, source, world, json_pages, ranges, offered):
    index.json, index.ranges = json_pages, ranges
    index.add("a", "1.0", offered=offered)
    index.add("a", "2.0", offered=offered, requires=["b>=1", 'c; extra == "x"'], extras=["x"])
    index.add("b", "1.5", offered=offered)
    index.add("c", "1.0", offered=offered)
    found = answer(world, [source], "a[x]")
    assert pins(found) == ["a[x]==2.0", "b==1.5", "c==1.0"]
    assert {pin.source for pin in found.pins} == {"index"}
    assert index.asked.count("/simple/a/") == 1


def test_a_source_that_read_ahead_answers_another_question(index, source, world):
    index.add("b", "1.0")
    index.add("a", "1.0")
    for number in range(2, 20):
        index.add("a", f"{number}.0", requires=["b>1"])
    assert pins(answer(world, [source], "a", "b")) == ["a==1.0", "b==1.0"]
    index.add("c", "1.0")
    for number in range(2, 20):
        index.add("c", f"{number}.0", requires=["b>1"])
    assert pins(answer(world, [source], "c", "b")) == ["b==1.0", "c==1.0"]
    assert pins(answer(world, [source], "a", "c", "b")) == ["a==1.0", "b==1.0", "c==1.0"]


def test_of_a_large_wheel_only_the_ends_are_read(index, source, world):
    index.add("a", "1.0", requires=["b"])
    index.add("b", "1.0", offered=True)
    answer(world, [source], "a")
    assert index.sent < FILLING / 2


def test_metadata_that_is_offered_and_not_there_is_read_from_the_wheel(index, source, world):
    index.add("a", "1.0", offered=True, requires=["b"])
    index.add("b", "1.0")
    del index.files["a-1.0-py3-none-any.whl.metadata"]
    assert pins(answer(world, [source], "a")) == ["a==1.0", "b==1.0"]


def test_a_wheel_must_suit_the_target_and_the_best_of_a_version_is_taken(index, source, world):
    index.add("a", "3.0", tag="cp39-cp39-win_amd64")
    index.add("a", "2.0", tag="cp39-cp39-win_amd64")
    index.add("a", "2.0")
    index.add("a", "4.0", file="a-4.0.tar.gz")
    index.add("a", "5.0", python=">=3.12")
    index.add("a", "6.0", requires_python="<3")
    index.rows["a"].append(("a-b-c.whl", {}, False))
    index.rows["a"].append(("other-9.0-py3-none-any.whl", {}, False))
    assert pins(answer(world, [source], "a")) == ["a==2.0"]
    for line, reason in {
        "a==3": "no wheel of it is for this platform and Python",
        "a==4": "it is no source distribution",
        "a==5": "it is for Python >=3.12",
        "a==6": "it is for Python <3",
    }.items():
        with pytest.raises(ConflictError, match=reason):
            answer(world, [source], line)


@pytest.mark.parametrize("json_pages", [True, False])
def test_a_yanked_version_needs_the_users_own_pin(index, source, world, json_pages):
    index.json = json_pages
    index.add("a", "1.0")
    index.add("a", "2.0", yanked="it is broken")
    assert pins(answer(world, [source], "a")) == ["a==1.0"]
    assert pins(answer(world, [source], "a==2.0")) == ["a==2.0"]


def test_a_file_that_is_no_wheel_is_passed_over(index, source, world):
    index.add("a", "1.0")
    index.add("a", "2.0")
    index.files["a-2.0-py3-none-any.whl"] = b"no zip"
    assert pins(answer(world, [source], "a")) == ["a==1.0"]


def test_metadata_that_no_standard_allows_is_passed_over(index, source, world):
    index.add("a", "1.0", requires=["b (=>1)"])
    index.add("a", "0.9")
    assert pins(answer(world, [source], "a")) == ["a==0.9"]
    with pytest.raises(BrokenMetadataError, match=r"a-1.0-py3-none-any.whl"):
        source.metadata(source.candidates("a")[0]).needs(world.target())


def test_a_name_that_the_index_lacks_has_no_candidates(source):
    assert source.candidates("nowhere") == ()


def test_a_server_that_fails_is_an_error_and_not_an_absence(index, source):
    index.broken.add("/simple/a/")
    with pytest.raises(SourceError, match="status 500"):
        source.candidates("a")


def test_a_login_in_the_url_is_sent_and_never_said(index, world):
    index.broken.add("/simple/a/")
    fetcher = Fetcher(attempts=1)
    url = index.url.replace("//", "//me:s%20cret@")
    with pytest.raises(SourceError) as caught:
        IndexSource(url, world.target(), Access(fetcher)).candidates("a")
    fetcher.close()
    assert index.headers[0]["Authorization"].startswith("Basic ")
    assert "cret" not in str(caught.value)


def test_a_server_that_is_not_there_is_an_error_with_its_address(world):
    fetcher = Fetcher(attempts=1)
    source = IndexSource("http://127.0.0.1:9/simple", world.target(), Access(fetcher))
    with pytest.raises(SourceError, match=r"127.0.0.1:9/simple/a/: it cannot be reached"):
        source.candidates("a")
    fetcher.close()


@pytest.mark.parametrize("url", ["here/simple", "//here/simple", "htps://here/simple", "https:/a"])
def test_what_is_no_address_of_a_server_is_told_with_how_to_write_it(url, world):
    with (
        closing(Fetcher()) as fetcher,
        pytest.raises(SourceError, match="is no address of a server"),
    ):
        IndexSource(url, world.target(), Access(fetcher)).candidates("a")


def test_a_page_that_is_none_is_an_error_with_its_address():
    with pytest.raises(SourceError, match="https://host/simple/a/: this is no page"):
        parse_page(Fetched(b"{}", "application/json", "https://me:x@host/simple/a/"))


def test_links_follow_the_base_of_a_page():
    html = b'<base href="https://files/x/"><a href="a-1-py3-none-any.whl">a</a><a name="b">b</a>'
    (link,) = parse_page(Fetched(html, "text/html", "https://host/simple/a/")).links
    assert link.url == "https://files/x/a-1-py3-none-any.whl"


# Folders


def test_a_folder_of_wheels_is_a_source(tmp_path, world):
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0", requires=["b"]))
    (tmp_path / "b-1.0-py3-none-any.whl").write_bytes(wheel("b", "1.0"))
    found = answer(world, [WheelFolder(tmp_path, world.target())], "a")
    assert pins(found) == ["a==1.0", "b==1.0"]
    assert found.pins[0].source == "wheels"


def test_a_missing_folder_is_an_error(tmp_path, world):
    with pytest.raises(SourceError, match="no such folder"):
        WheelFolder(tmp_path / "gone", world.target()).candidates("a")
    assert WheelFolder(tmp_path, world.target()).candidates("a") == ()


def test_an_index_on_disk_is_read_by_its_url(tmp_path, world):
    page = tmp_path / "simple" / "a"
    page.mkdir(parents=True)
    (page / "index.html").write_text('<a href="../../a-1.0-py3-none-any.whl">a</a>')
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    source = IndexSource((tmp_path / "simple").as_uri(), world.target(), Access())
    assert pins(answer(world, [source], "a")) == ["a==1.0"]
    (tmp_path / "a-1.0-py3-none-any.whl").unlink()
    again = IndexSource((tmp_path / "simple").as_uri(), world.target(), Access())
    with pytest.raises(SourceError, match="No such file"):
        again.metadata(again.candidates("a")[0])


def test_a_flat_page_names_the_files_of_all(tmp_path, world):
    for name in ("a", "b"):
        (tmp_path / f"{name}-1.0-py3-none-any.whl").write_bytes(wheel(name, "1.0"))
    page = tmp_path / "links.html"
    page.write_text('<a href="a-1.0-py3-none-any.whl">a</a><a href="b-1.0-py3-none-any.whl">b</a>')
    source = IndexSource(page.as_uri(), world.target(), Access(), flat=True)
    assert pins(answer(world, [source], "a", "b")) == ["a==1.0", "b==1.0"]


# Wheels named by their URL


def test_a_wheel_on_disk_is_resolved_by_its_url_without_an_index(tmp_path, world):
    file = tmp_path / "a-1.0+my-py3-none-any.whl"
    file.write_bytes(wheel("a", "1.0+my", requires=["b"]))
    world.add("b")
    found = answer(world, [], f"a @ {file.as_uri()}")
    assert [(str(pin.version), pin.url, pin.source) for pin in found.pins] == [
        ("1.0+my", file.as_uri(), "url"),
        ("1.0", None, "installed"),
    ]


def test_a_wheel_on_a_server_is_resolved_by_its_url_and_its_login_is_not_kept(
    index, pip_config, world
):
    index.add("a", "1.0", requires=["b"])
    index.add("b", "1.0")
    pip_config(f"[global]\nindex-url = {index.url}\n")
    url = index.url.replace("simple", "files/a-1.0-py3-none-any.whl")
    installed = world.installed()
    line = f"a @ {url.replace('//', '//me:secret@')}"
    found = resolve(merge([], pip_requirements=[line], target=installed.target), installed)
    assert [(pin.name, pin.url) for pin in found.pins] == [("a", url), ("b", None)]
    assert "/simple/a/" not in index.asked


def test_a_url_of_a_repository_is_refused(world):
    with pytest.raises(ConflictError, match="no other source has it"):
        answer(world, [], "a @ git+https://host/a.git")


# What pip is configured with


def test_the_later_section_wins():
    listing = (
        "global.index-url='https://one/'\n:env:.index-url='https://env/'\nfreeze.timeout='1'\n"
    )
    assert parse_options(listing) == {"index-url": "https://env/"}


def test_pip_is_asked_for_its_indexes_extra_ones_first(pip_config):
    pip_config(
        "[global]\nindex-url = https://main/simple\nextra-index-url = https://one/ https://two/\n"
        "find-links = /wheels\ncert = /ca.pem\nproxy = http://proxy:1\n"
    )
    said = ask_pip(sys.executable)[0]
    assert said.built_in.startswith("https://")
    assert replace(said, built_in="") == PipOptions(
        ("https://one/", "https://two/", "https://main/simple"),
        ("/wheels",),
        certificates="/ca.pem",
        proxy="http://proxy:1",
    )


def test_without_a_configuration_pip_names_its_own_default(pip_config):
    pip_config("")
    (url,) = ask_pip(sys.executable)[0].indexes
    assert url.startswith("https://")


def test_no_index_means_none(pip_config, tmp_path, world):
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    pip_config(f"[global]\nno-index = true\nfind-links = {tmp_path}\n")
    sources = configured_sources(world.target())
    assert [source.label for source in sources] == ["url", "wheels", "index"]
    assert pins(answer(world, sources, "a")) == ["a==1.0"]


@pytest.mark.parametrize(
    ("said", "lines", "told"),
    [
        ("no-index = true\n", (), "no-index of pip's configuration lets no index be asked: "),
        ("", ("--no-index",), "--no-index lets no index be asked: "),
    ],
)
def test_a_refusal_tells_who_forbids_the_index(pip_config, tmp_path, world, said, lines, told):
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    pip_config(f"[global]\n{said}find-links = {tmp_path}\n")
    options = [SimpleNamespace(name=name, value="") for name in lines]
    for wanted in ("a==2.0", "b"):
        with pytest.raises(ConflictError) as caught:
            answer(world, configured_sources(world.target(), options=options), wanted)
        assert f"{told}name a folder that has it (--find-links), or " in str(caught.value)
    pin = SimpleNamespace(name="b", version=Version("1.0"))
    (why,) = find_artifacts([pin], world.target(), options=options).lacking.values()
    assert told in why
    who = index_forbidden_by(options)
    assert told == f"{who} lets no index be asked: "


def test_an_index_that_is_configured_is_forbidden_by_nobody(index, pip_config, world):
    pip_config(f"[global]\nindex-url = {index.url}\n")
    assert index_forbidden_by() == ""
    assert index.asked == []


@pytest.mark.parametrize("gone", ["/gone/wheels", "file:///gone/wheels", "gone", "gone/links.html"])
def test_links_that_are_not_there_are_a_note_and_no_more(pip_config, tmp_path, world, gone):
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    pip_config(f"[global]\nno-index = true\nfind-links = {gone}\n    {tmp_path}\n")
    found = answer(world, configured_sources(world.target()), "a")
    assert pins(found) == ["a==1.0"]
    (note,) = found.notes
    assert note == f"{gone} is passed over, as by pip: there is no such folder or page"


@pytest.mark.parametrize("page", ["gone.html", "gone/", "broken.json"])
@pytest.mark.parametrize("before", [True, False])
def test_links_that_cannot_be_read_are_a_note_and_no_more(
    pip_config, tmp_path, world, page, before
):
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    (tmp_path / "b-1.0-py3-none-any.whl").write_bytes(wheel("b", "1.0"))
    closed = f"http://127.0.0.1:9/{page}"
    links = "\n    ".join((closed, str(tmp_path)) if before else (str(tmp_path), closed))
    pip_config(f"[global]\nno-index = true\nretries = 0\nfind-links = {links}\n")
    found = answer(world, configured_sources(world.target()), "a", "b")
    assert pins(found) == ["a==1.0", "b==1.0"]
    said = [f"{closed} is passed over, as by pip: " in each for each in found.notes]
    assert said == [True] * before  # behind one that has the name it is not asked


HOMES = {
    "here": ("~/wheels", "wheels"),
    "as an address": ("file:~/wheels", None),
    "of nobody": ("~nobody-has-this-name/wheels", None),
    "gone": ("~/gone", None),
}


@pytest.mark.parametrize("which", HOMES)
def test_a_tilde_leads_home_where_it_does_for_pip(pip_config, tmp_path, world, monkeypatch, which):
    said, there = HOMES[which]
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    pip_config(f"[global]\nno-index = true\nfind-links = {said}\n")
    sources = configured_sources(world.target())
    if there:
        assert pins(answer(world, sources, "a")) == ["a==1.0"]
        return
    with pytest.raises(ConflictError, match="is passed over, as by pip"):
        answer(world, sources, "a")
    pip_config("[global]\nno-index = true\n")
    line = SimpleNamespace(
        name="--find-links", value="~/wheels"
    )  # of a file, where pip takes it as it stands
    sources = configured_sources(world.target(), options=[line])
    with pytest.raises(ConflictError, match="is passed over, as by pip"):
        answer(world, sources, "a")


def test_a_refusal_names_the_links_that_are_not_there(pip_config, world):
    pip_config("[global]\nno-index = true\nfind-links = /gone/wheels\n")
    line = SimpleNamespace(name="--find-links", value="/gone/wheels")  # named twice, told once
    with pytest.raises(ConflictError) as caught:
        answer(world, configured_sources(world.target(), options=[line]), "a")
    assert str(caught.value).count("/gone/wheels is passed over, as by pip") == 1


def test_a_python_without_pip_is_an_error_that_says_the_way_out(tmp_path):
    with pytest.raises(ConfigurationError, match='index="never"'):
        ask_pip(str(_python_without_pip(tmp_path)))


def _python_without_pip(folder):
    import venv

    venv.create(folder / "bare", with_pip=False, symlinks=True)
    return folder / "bare" / "bin" / "python"


def test_the_index_of_pip_is_asked_only_for_what_is_not_installed(index, pip_config, world):
    index.add("b", "1.0")
    pip_config(f"[global]\nindex-url = {index.url}\n")
    world.add("a")
    installed = world.installed()

    def auto(*lines):
        wanted = merge([], pip_requirements=list(lines), target=installed.target)
        return resolve(wanted, installed)

    assert pins(auto("a")) == ["a==1.0"]
    assert index.asked == []
    assert pins(auto("a", "b")) == ["a==1.0", "b==1.0"]
    assert "/simple/a/" not in index.asked


# Several indexes


@pytest.fixture
def private_first(index, world, tmp_path):
    """An index on disk that has `a` before one on a server that has a higher `a`."""
    page = tmp_path / "simple" / "a"
    page.mkdir(parents=True)
    (page / "index.html").write_text('<a href="../../a-1.0-py3-none-any.whl">a</a>')
    (tmp_path / "a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    index.add("a", "99.0")
    index.add("b", "1.0", requires=["a"])
    fetcher = Fetcher()
    urls = [(tmp_path / "simple").as_uri(), index.url]
    yield IndexSource(urls, world.target(), Access(fetcher))
    fetcher.close()


def test_a_public_name_does_not_displace_a_private_one(private_first, index, world):
    assert pins(answer(world, [private_first], "a", "b")) == ["a==1.0", "b==1.0"]
    assert "/simple/a/" not in index.asked


def test_nor_does_it_where_nothing_private_will_do(private_first, index, world):
    with pytest.raises(ConflictError) as caught:
        answer(world, [private_first], "a>=2")
    assert f"answers for it alone, so not asked: {index.url}" in str(caught.value)
    assert "/simple/a/" not in index.asked


def test_nor_where_the_private_index_cannot_be_read(private_first, index, world, tmp_path):
    (tmp_path / "simple" / "a" / "index.html").write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="no page of an index"):
        answer(world, [private_first], "a")
    assert "/simple/a/" not in index.asked


def test_the_first_match_is_taken_where_the_user_says_so(index, pip_config, world, tmp_path):
    index.add("a", "99.0")
    (tmp_path / "simple" / "a").mkdir(parents=True)
    (tmp_path / "simple" / "a" / "index.html").write_text('<a href="a-1.0-py3-none-any.whl">a</a>')
    pip_config(
        f"[global]\nindex-url = {index.url}\nextra-index-url = {(tmp_path / 'simple').as_uri()}\n"
    )
    expected: dict[Strategy, list[str]] = {
        "first-index": ["1.0"],
        "unsafe-first-match": ["1.0", "99.0"],
        "unsafe-best-match": ["99.0", "1.0"],
    }
    for strategy, versions in expected.items():
        settings = replace(IndexSettings.from_environment(), strategy=strategy)
        _, *indexes = configured_sources(world.target(), settings=settings)
        found = [each for source in indexes for each in source.candidates("a")]
        assert [str(each.version) for each in found] == versions


# What is kept on disk


@pytest.fixture
def cached(index, world, tmp_path):
    """Build the index as a source that keeps what it fetched; the clock is `now[0]`."""
    building = Cached(index.url, world.target(), tmp_path / "cache")
    yield building
    for each in building.fetchers:
        each.close()


@dataclass
class Cached:
    url: str
    target: Target
    folder: Path
    now: list[float] = field(default_factory=lambda: [1000.0])
    fetchers: list[Fetcher] = field(default_factory=list)

    def __call__(self, *, offline: bool = False, **options: Any) -> IndexSource:
        self.fetchers.append(Fetcher(attempts=0, offline=offline))
        cache = HttpCache(self.folder, clock=lambda: self.now[0])
        access = Access(self.fetchers[-1], cache, **options)
        return IndexSource(self.url, self.target, access)


def test_a_page_is_fetched_once_in_its_lifetime(index, cached, world):
    index.add("a", "1.0")
    index.hashes = True
    for age, requests in ((0, 3), (599, 3), (601, 4)):
        cached.now[0] = 1000.0 + age
        assert pins(answer(world, [cached()], "a")) == ["a==1.0"]
        assert len(index.asked) == requests


def test_a_server_says_itself_how_long_and_whether_a_page_stays(index, cached, world):
    index.add("a", "1.0")
    index.hashes = True
    index.page_headers = {"Cache-Control": "max-age=5", "ETag": '"one"'}
    answer(world, [cached()], "a")
    cached.now[0] += 6
    sent = index.sent
    assert pins(answer(world, [cached()], "a")) == ["a==1.0"]
    assert index.headers[-1]["If-None-Match"] == '"one"'
    assert index.sent == sent


def test_offline_takes_what_is_kept_however_old_and_fetches_nothing(index, cached, world):
    index.add("a", "1.0")
    index.hashes = True
    answer(world, [cached()], "a")
    asked = len(index.asked)
    cached.now[0] += 1e9
    assert pins(answer(world, [cached(offline=True)], "a")) == ["a==1.0"]
    with pytest.raises(SourceError, match=r"/b/: it was never fetched, and this is offline"):
        answer(world, [cached(offline=True)], "b")
    assert len(index.asked) == asked


def test_what_has_no_hash_may_change_and_is_not_kept(index, cached, world, tmp_path):
    index.add("a", "1.0", requires=["b"])
    index.add("b", "1.0")
    answer(world, [cached()], "a")
    kinds = {file.parent.parent.name for file in tmp_path.rglob("cache/**/*") if file.is_file()}
    assert kinds == {"pages"}


def test_no_login_is_kept(index, world, tmp_path):
    index.add("a", "1.0")
    index.hashes = True
    fetcher = Fetcher(logins=Logins([index.url.replace("//", "//me:secret@")]))
    source = IndexSource(
        index.url.replace("//", "//me:secret@"),
        world.target(),
        Access(fetcher, HttpCache(tmp_path / "cache")),
    )
    found = answer(world, [source], "a")
    fetcher.close()
    kept = [file.read_text() for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert len(kept) == 2
    assert "secret" not in "".join(kept) + found.to_json()
    assert all(each["Authorization"].startswith("Basic ") for each in index.headers)


def test_a_login_comes_from_netrc(index, world, tmp_path):
    index.add("a", "1.0")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    fetcher = Fetcher(logins=Logins(netrc=netrc))
    IndexSource(index.url, world.target(), Access(fetcher)).candidates("a")
    fetcher.close()
    assert index.headers[0]["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in repr(Logins(netrc=netrc)) + repr(fetcher)


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ("me:p%E2%82%ACx", b"me:p\xe2\x82\xacx"),
        ("m%C3%A9:p%40", b"m\xc3\xa9:p@"),
        ("me:p%FF", b"me:p\xff"),
        ("\u043c:\u4e2d", b"\xd0\xbc:\xe4\xb8\xad"),
    ],
)
def test_a_login_of_any_letters_is_sent_in_utf_8(index, world, tmp_path, login, sent):
    index.add("a", "1.0")
    fetcher = Fetcher(logins=Logins([index.url.replace("//", f"//{login}@")]))
    IndexSource(index.url, world.target(), Access(fetcher)).candidates("a")
    fetcher.close()
    kind, _, word = index.headers[0]["Authorization"].partition(" ")
    assert (kind, b64decode(word)) == ("Basic", sent)
    if sys.version_info < (3, 11):  # whose netrc reads no letters but ASCII's
        return
    netrc = tmp_path / "netrc"
    netrc.write_text("machine host login me password p\u20acx\n", "utf-8")
    login = Logins(netrc=netrc).of("https://host/")
    assert login is not None
    assert basic(login) == "Basic bWU6cOKCrHg="
    netrc.write_bytes(b"machine host login me password p\xff\n")
    assert Logins(netrc=netrc).of("https://host/") in (None, "me:p\xff")  # by what the system reads


@pytest.mark.parametrize("mark", ["/", "#", "?"])
def test_a_login_that_is_not_encoded_is_refused_and_not_told(world, mark):
    url = f"http://me:s3cr3t{mark}1x@index.example:80/simple"
    fetcher = Fetcher()
    with pytest.raises(SourceError, match=r"//\*\*\*\*@index.example.*write / as %2F") as caught:
        IndexSource(url, world.target(), Access(fetcher)).candidates("a")
    fetcher.close()
    assert "s3cr3t" not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert may_hold_secret(url)
    assert may_hold_secret(f"http://me:word{mark}word@host/simple")


def test_a_request_that_fails_in_passing_is_made_again(index, world):
    index.add("a", "1.0")
    index.failures = 2
    fetcher = Fetcher(attempts=3)
    assert len(IndexSource(index.url, world.target(), Access(fetcher)).candidates("a")) == 1
    fetcher.close()


# pip's constraints


def test_pips_own_constraints_narrow_what_its_index_offers(index, pip_config, world, tmp_path):
    index.add("a", "1.0")
    index.add("a", "2.0")
    (tmp_path / "limits.txt").write_text('A<2\nb<1; python_version < "3"\n')
    pip_config(f"[global]\nindex-url = {index.url}\nconstraint = {tmp_path / 'limits.txt'}\n")
    sources = configured_sources(world.target())
    assert pins(answer(world, sources, "a")) == ["a==1.0"]
    with pytest.raises(ConflictError, match=r"the constraint .*limits.txt:1 of pip says <2"):
        answer(world, configured_sources(world.target()), "a==2.0")


def test_pip_reads_its_files_of_constraints_and_those_that_they_name(pip_config, tmp_path):
    (tmp_path / "limits.txt").write_text("-r more.txt  # why\na<2 \\\n  ; python_version>'3'\n")
    (tmp_path / "more.txt").write_text(
        "https://host/b-1.0-py3-none-any.whl\nc @ https://host/c.zip\n"
    )
    pip_config(f"[global]\nconstraint = {tmp_path / 'limits.txt'}\n")
    settings = IndexSettings.from_environment()
    cache = HttpCache(settings.cache)
    found = remembered_options(sys.executable, cache, settings.pip).constraints
    places = [place.rpartition(os.sep)[2] for _, place in found]
    assert places == ["more.txt:1", "more.txt:2", "limits.txt:2"]
    named = [Requirement(text) for text, _ in found]
    assert [each.name for each in named] == ["b", "c", "a"]
    assert [str(each.specifier) for each in named] == ["==1.0", "", "<2"]
    (tmp_path / "more.txt").write_text("d\n")
    again = remembered_options(sys.executable, cache, settings.pip).constraints
    assert [text.partition(" ")[0] for text, _ in again] == ["d", "a<2"]


def test_pip_is_asked_once_as_long_as_nothing_that_it_reads_changes(index, pip_config, world):
    index.add("a", "1.0")
    pip_config(f"[global]\nindex-url = {index.url}\n")
    settings = IndexSettings.from_environment()
    cache = HttpCache(settings.cache)
    first = remembered_options(sys.executable, cache, settings.pip)
    broken = "/no/such/python"
    with pytest.raises(OSError, match="no/such"):
        remembered_options(broken, cache, settings.pip)
    assert remembered_options(sys.executable, cache, settings.pip) == first
    pip_config("[global]\nindex-url = https://me:secret@elsewhere/simple\n")
    assert "elsewhere" in remembered_options(sys.executable, cache, settings.pip).indexes[0]
    assert settings.cache is not None
    kept = [file.read_text() for file in settings.cache.rglob("*") if file.is_file()]
    assert "secret" not in "".join(kept)


# What an index lacks


class Pinned(NamedTuple):
    name: str
    version: Version


def lacks(world, *pins: str, ask: bool = False):
    named = [Pinned(name, Version(version)) for name, version in (pin.split() for pin in pins)]
    return lacking(named, world.target(), ask=ask)


def test_what_an_index_lacks_is_told_by_it_and_later_by_its_pages(index, pip_config, world):
    index.add("a", "1.0")
    index.add("a", "1.0.1")
    index.add("b", "2.0")
    pip_config(f"[global]\nindex-url = {index.url}\n")
    pins = ["A 1.0", "b 1.0", "c 1.0"]
    assert lacks(world, *pins) == {}
    assert index.asked == []
    assert lacks(world, *pins, ask=True) == {"b": "", "c": ""}
    asked = list(index.asked)
    assert lacks(world, *pins, "d 1.0") == {"b": "", "c": ""}  # nobody asked for d
    assert index.asked == asked


def test_a_folder_of_this_machine_is_no_index(index, pip_config, world, tmp_path):
    (tmp_path / "links").mkdir()
    (tmp_path / "links/a-1.0-py3-none-any.whl").write_bytes(wheel("a", "1.0"))
    pip_config(f"[global]\nindex-url = {index.url}\nfind-links = {tmp_path / 'links'}\n")
    assert lacks(world, "a 1.0", ask=True) == {"a": ""}


def test_what_another_index_may_have_is_said_where_the_first_answers_alone(
    index, pip_config, world
):
    index.add("a", "2.0")
    pip_config(f"[global]\nindex-url = https://host/simple\nextra-index-url = {index.url}\n")
    (remark,) = lacks(world, "a 1.0", ask=True).values()
    assert remark.startswith(
        f"{index.url} has that name and answers for it alone, so not asked: https://"
    )
    assert lacks(world, "a 1.0") == {}


def test_an_index_that_does_not_answer_is_an_error_where_it_is_asked(index, pip_config, world):
    index.broken.add("/simple/a/")
    pip_config(f"[global]\nindex-url = {index.url}\nretries = 0\n")
    with pytest.raises(SourceError, match="status 500"):
        lacks(world, "a 1.0", ask=True)
    assert lacks(world, "a 1.0") == {}


# What may be a secret of an address


@pytest.mark.parametrize("place", ["/tok3n-of-ours/simple", "/simple?key=tok3n-of-ours"])
def test_a_page_behind_what_may_be_a_token_is_not_kept(place, index, world, tmp_path):
    index.add("a", "1.0")
    index.hashes = True
    fetcher = Fetcher()
    source = IndexSource(
        f"{index.url.removesuffix('/simple')}{place}",
        world.target(),
        Access(fetcher, HttpCache(tmp_path / "cache")),
    )
    with suppress(SourceError):
        source.candidates("a")
    fetcher.close()
    kept = [file.read_text() for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert "tok3n" not in "".join(kept)


@pytest.mark.parametrize(
    ("option", "is_kept"),
    [
        ("index-url = https://host/simple", True),
        ("index-url = https://host/tok3n-of-ours/simple", False),
        ("index-url = https://host/simple?key=word", False),
        ("extra-index-url = https://me:word@host/simple", False),
        ("find-links = https://host/wheels#word", False),
        ("proxy = http://me:word@host:1", False),
    ],
)
def test_what_pip_says_is_remembered_without_secrets(option, is_kept, pip_config):
    pip_config(f"[global]\n{option}\n")
    settings = IndexSettings.from_environment()
    remembered_options(sys.executable, HttpCache(settings.cache), settings.pip)
    assert any(file.is_file() for file in Path(str(settings.cache)).rglob("*")) == is_kept


def test_a_file_of_constraints_is_no_argument_of_a_process(pip_config, tmp_path):
    started: list[str] = []
    watching = [True]

    def hook(event, about):
        if watching and event == "subprocess.Popen":
            started.append(" ".join(map(str, about[1])))

    limits = tmp_path / "limits-of-ours.txt"
    limits.write_text("a<2\n")
    pip_config(f"[install]\nconstraint = {limits}\n")
    sys.addaudithook(hook)
    settings = IndexSettings.from_environment()
    said = remembered_options(sys.executable, HttpCache(None), settings.pip)
    watching.clear()
    assert said.constraints[0][0] == "a<2"
    assert started
    assert "limits-of-ours" not in "".join(started)


# Metadata that is valid no more


def test_a_release_that_misstates_what_it_requires_waits_for_a_pin(index, source, world):
    index.add("a", "1.0", requires=["b"])
    index.add("a", "2.0", requires=["b (>=1.*)", "b (>=9.*); extra == 'x'"], extras=["x"])
    index.add("b", "1.0", requires_python=">=3.6.*")
    found = answer(world, [source], "a")
    assert pins(found) == ["a==1.0", "b==1.0"]
    assert any("a 2.0 is passed over: it requires 'b (>=1.*)'" in note for note in found.notes)
    found = answer(world, [source], "a==2.0")
    assert pins(found) == ["a==2.0", "b==1.0"]
    (note,) = found.notes
    assert "'b (>=1.*)', which is valid no more: it is read as b>=1, as by uv" in note
    assert "no pip since 24.1" in note
