"""False statements of an index: a line each, with the right answer."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import time
import tracemalloc
import zipfile
from dataclasses import replace
from typing import Any, NamedTuple, get_args

import pytest
from packaging.version import Version

from resolver import ConflictError, ResolverError, find_artifacts
from resolver.errors import SourceError
from resolver.index.credentials import Logins
from resolver.index.fetcher import Fetcher
from resolver.index.session import Access
from resolver.index.simple_api import JSON
from resolver.settings import STANDARD, IndexSettings, Strategy
from resolver.sources.configured import configured_sources
from resolver.sources.index import IndexSource
from resolver.sources.wheels import WheelFolder

from .index_server import answer, pins, sdist
from .lying_server import (
    NEW,
    NEW_ROW,
    OLD_ROW,
    PAGE,
    chunk,
    html,
    in_turn,
    index_of,
    metadata,
    packed,
    page,
    pours,
    row,
    says,
    sent,
    served,
    wheel,
)

# A thousandth of what is allowed otherwise, so that a lie is short too.
SMALL = replace(
    STANDARD,
    page=50_000,
    links=50,
    metadata=8_000,
    archive=64_000,
    file=200_000,
    patience=1.0,
    slowest=200,
    page_seconds=2.0,
    file_seconds=3.0,
    wait=1.0,
    redirects=3,
)
SECONDS = 30.0  # on the busiest machine; what goes on and on does so for minutes
WHEEL = "a-1.0-py3-none-any.whl"


@pytest.fixture(scope="module")
def server():
    with served() as made:
        yield made


@pytest.fixture
def ask(server, world):
    """Resolve a line from what answers; return pins and notes."""
    made = []

    def resolve(answers: Any, *lines: str, **options: Any) -> Any:
        server.answers, server.asked, server.headers = answers, [], []
        fetcher = Fetcher(**{"bounds": SMALL, "attempts": 1, "timeout": 1.0, **options})
        made.append(fetcher)
        source = IndexSource(f"{server.url}/simple", world.target(), Access(fetcher))
        found = answer(world, [source], *lines or ("a",))
        return pins(found), "\n".join(found.notes)

    yield resolve
    for each in made:
        each.close()


# Pages that are none: nothing of that index can be chosen, and an older answer would be a guess

NESTED = b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
FILES = json.dumps({"files": [OLD_ROW]}).encode()
LOGIN = '<html><title>Sign in</title><form action="/in"><input type=password></form>'

PAGES = {
    "of endless bytes": (pours(b"<br>" * 2_000), "larger than any such answer is"),
    "packed to nothing": (
        says(packed(b" " * 60_000), "text/html", Content_Encoding="gzip"),
        "larger than any such answer is",
    ),
    "of many packed parts that are empty": (
        says(packed(b"") * 4_000, "text/html", Content_Encoding="gzip"),
        "larger than any such answer is",
    ),
    "packed as nobody asked": (says(b"x", JSON, Content_Encoding="zstd"), "packed as 'zstd'"),
    "packed twice": (says(b"x", JSON, Content_Encoding="gzip, gzip"), "packed as 'gzip, gzip'"),
    "not packed as it says": (says(FILES, JSON, Content_Encoding="gzip"), "not packed as it says"),
    "whose packing is cut short": (
        says(packed(FILES)[:-12], JSON, Content_Encoding="gzip"),
        "broke off, 2 times",
    ),
    "of a byte now and then": (pours(b"x", pause=0.05), "are too slow"),
    "that goes on and on": (pours(b"x" * 100, pause=0.05), "not come whole after 2 s"),
    "that never begins": (pours(b"", pause=0.5, times=4, head=False), "timed out"),
    "that says to go on for ever": (
        pours(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01, head=False),
        "not begun after 1 s",
    ),
    "whose head has no end": (
        pours(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, head=False, times=1),
        "header line",
    ),
    "whose last chunk is followed by lines for ever": (
        pours(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 300_000,
            head=False,
        ),
        "never ends|more than 100 trailers",  # as newer Pythons say themselves
    ),
    "whose chunk is of fewer bytes than none": (
        chunk(b"-5\r\nabc"),
        "frames its answer wrongly: the length that it states is invalid; ask who runs it",
    ),
    "whose chunk is of no number": (chunk(b"zz\r\nabc"), "broke off: 0 bytes came, 2 times"),
    "whose first line is none": (
        pours(b"\x00\x01 hello\r\n", head=False, times=1),
        r"frames its answer wrongly: it begins with '\\x00\\x01 hello'; ask",
    ),
    "whose status is a word": (
        pours(b"HTTP/1.1 abc OK\r\n\r\n", head=False, times=1),
        "frames its answer wrongly: it begins with 'HTTP/1.1 abc OK'; ask",
    ),
    "of 200 headers": (
        pours(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, head=False, times=1),
        "frames its answer wrongly: got more than 100 headers; ask",
    ),
    "of two lengths": (
        says(FILES, JSON, Content_Length="5, 6"),
        "frames its answer wrongly: it states several lengths, '5, 6'; ask",
    ),
    "cut short": (
        says(FILES, JSON, Content_Length="9999"),
        f"broke off: {len(FILES)} bytes came, and [0-9,]+ more should have, 2 times; try again",
    ),
    "that ends before it begins": (
        pours(b"", head=False, times=1),
        "cannot be reached: Remote end closed connection without response, 2 times",
    ),
    "that waits an hour": (
        says(b"", status=429, Retry_After="3600"),
        "status 429.*left alone for 3,600 s.*try again in 60 minutes",
    ),
    "that waits for a day of another year": (
        says(b"", status=503, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"),
        "status 503.*left alone for [0-9,]+ s: that is not waited; ask who runs it",
    ),
    "that waits for a number of many digits": (
        says(b"", status=503, Retry_After="9" * 400),
        "left alone for 999,999,999 s",
    ),
    "that fails again and again": (says(b"", status=502), "status 502, 2 times"),
    "unchanged since never": (says(b"", status=304), "status 304.*without an earlier copy"),
    "for a login": (html(LOGIN), "page for people.*'Sign in'.*netrc"),
    "for a login, as JSON": (says(LOGIN.encode(), JSON), "page for people"),
    "for a login, with links": (
        html('<a href="/help">help</a><input type="password">'),
        "page for people",
    ),
    "for a program": (html("<div id=app></div><script src=x.js></script>"), "page for people"),
    "that wants a login": (says(b"", status=401), "wants a login.*netrc"),
    "of another kind": (says(b"%PDF-1.7", "application/pdf"), "but application/pdf"),
    "that is empty": (html(""), "it is empty"),
    "that is not UTF-8": (says(b"<html>\xff\xfe", "text/html"), "no page of an index"),
    "nested deep": (says(NESTED, JSON), "nested too deep|it has no list of files"),
    "of a number with many digits": (
        says(b'{"files": ' + b"1" * 5_000 + b"}", JSON),
        "no page of an index: a number on it has more digits than any has",
    ),
    "of a kind that moves the cursor": (
        says(b"words", "text/\x1b[2J" + 200 * "x"),
        r"but 'text/\\x1b\[2jx+';",
    ),
    "that is a list": (says(b"[]", JSON), "no object|no page"),
    "of files that are no list": (page(files={"a": 1}), "no list of files"),
    "of meta that is a word": (page(OLD_ROW, meta="1.0"), "meta is no object"),
    "of too many files": (page(*[OLD_ROW] * 60), "more files than any page does"),
    "of too many links": (html('<a href="a-1.0.tar.gz">a</a>' * 60), "more files than any page"),
    "of API 2.0": (page(OLD_ROW, meta={"api-version": "2.0"}), "API is version '2.0'"),
    "of API 2.0, in HTML": (
        html('<meta name="pypi:repository-version" content="2.0"><a href="a-1.0.tar.gz">a</a>'),
        "API is version '2.0'",
    ),
    "of API 2.0, by its type": (
        says(FILES, "application/vnd.pypi.simple.v2+json"),
        r"simple\.v2\+json.*only version 1 is",
    ),
    "of tags without end": (html("<a " * 2_000), "are none, or are endless"),
    "redirected round and round": (
        says(b"", status=302, Location=PAGE),
        "redirected more than 3 times",
    ),
    "redirected to a file": (
        says(b"", status=301, Location="file:///etc/passwd"),
        "redirected to no server",
    ),
    "redirected to a host that cannot be": (
        says(b"", status=301, Location="http://a..b/"),
        "leads to an invalid address: 'a..b', label empty or too long; ask",
    ),
    "redirected to a host of 80 letters": (
        says(b"", status=301, Location=f"http://{'b' * 80}.invalid/"),
        "leads to an invalid address: .*; ask",
    ),
    "redirected to a line that moves the cursor": (
        says(b"", status=301, Location="http://127.0.0.1:1/\x1b[2J"),
        "redirected to no server",
    ),
    "redirected to what is no address": (
        says(b"", status=301, Location="http://[::1/"),
        "redirected to no server",
    ),
}


@pytest.mark.parametrize("lie", PAGES)
def test_a_page_that_is_none_is_an_error_with_index_project_and_a_way_out(ask, server, lie):
    said, reason = PAGES[lie]
    began = time.monotonic()
    with pytest.raises(SourceError) as caught:
        ask({PAGE: said})
    assert time.monotonic() - began < SECONDS
    text = str(caught.value)
    assert isinstance(caught.value, ResolverError)
    assert f"127.0.0.1:{server.server_port}{PAGE}" in text
    assert re.search(reason, caught.value.reason + "; " + caught.value.remedy, re.DOTALL), text
    assert caught.value.remedy


# Pages with something wrong on them: the rest answers, and what is wrong is told

OTHER = "c" * 64
OTHER_ROW = {**NEW_ROW, "hashes": {"sha256": OTHER}}
NESTED_MARKER = "(" * 200 + "python_version > '3'" + ")" * 200


def status(name, reason=None):
    return {"project-status": {"status": name, "reason": reason}}


FILES_OF_1_0 = {
    "of this machine": (
        index_of({**NEW_ROW, "url": "file:///etc/a-1.0-py3-none-any.whl"}),
        "links to a file of this machine",
    ),
    "of this machine, by its host": (
        index_of({**NEW_ROW, "url": "file://host/share/a-1.0-py3-none-any.whl"}),
        "links to a file of this machine",
    ),
    "by ftp": (index_of({**NEW_ROW, "url": "ftp://host/a-1.0.whl"}), "an address of 'ftp'"),
    "at no address": (index_of({**NEW_ROW, "url": "http://[::1/a-1.0.whl"}), "invalid address"),
    "at a port that is none": (
        index_of({**NEW_ROW, "url": "http://h:99999/a.whl"}),
        "invalid address",
    ),
    "twice, with other hashes": (
        {
            **index_of(NEW_ROW),
            PAGE: page(OLD_ROW, NEW_ROW, OTHER_ROW),
        },
        f"names it twice, with sha256 .*{OTHER}",
    ),
    "for a Python that is a number": (
        index_of({**NEW_ROW, "requires-python": 3}),
        "nothing readable of its Python",
    ),
    "for a Python of many digits": (
        index_of({**NEW_ROW, "requires-python": ">=" + "3" * 5_000}),
        "nothing readable of its Python",
    ),
    "with hashes that are a list": (index_of({**NEW_ROW, "hashes": ["x"]}), "of its hash"),
    **{
        f"with a hash {lie}": (index_of({**NEW_ROW, "hashes": {"sha256": value}}), "of its hash")
        for lie, value in {
            "that is half a character": "\ud800",
            "of other letters": 64 * "x",
            "of few letters": "ab",
            "that is a number": 5,
            "that is nothing": "",
            "that ends a line": 63 * "a" + "\n",
        }.items()
    },
    "with a hash of other letters, in HTML": (
        {
            **index_of(NEW_ROW),
            PAGE: html(
                f'<a href="/files/a-0.9-py3-none-any.whl">a</a><a href="/files/{WHEEL}#md5=5">a</a>'
            ),
        },
        "of its hash",
    ),
    "with half a character for the hash of its metadata": (
        index_of({**NEW_ROW, "core-metadata": {"sha256": "\ud800"}}),
        "of the hash of its metadata",
    ),
    "with a number for the hash of its metadata": (
        index_of({**NEW_ROW, "core-metadata": {"sha256": 5}}),
        "of the hash of its metadata",
    ),
    "at an address with half a character": (
        index_of({**NEW_ROW, "url": f"/files/\ud800/{WHEEL}"}),
        "invalid address",
    ),
    "at an address that sends a header": (
        index_of({**NEW_ROW, "url": f"/files/{WHEEL}\r\nX-Evil: 1"}),
        "invalid address",
    ),
    "at a host that cannot be": (
        index_of({**NEW_ROW, "url": f"http://a..b/{WHEEL}"}),
        "leads to an invalid address: 'a..b'",
    ),
    "as a source whose chunk is of fewer bytes than none": (
        index_of(row("a-1.0.tar.gz"), chunk(b"-5\r\nabc")),
        "frames its answer wrongly",
    ),
    "as a source with metadata of a version that is no number": (
        index_of(
            {**row("a-1.0.tar.gz", b"words"), "core-metadata": True},
            b"words",
            **{
                "a-1.0.tar.gz.metadata": says(
                    metadata().replace("2.1", "2.\N{SUPERSCRIPT TWO}").encode()
                )
            },
        ),
        "no source dist",
    ),
    "of another project": (
        index_of(NEW_ROW, wheel(members=[("a-1.0.dist-info/METADATA", metadata("b", "1.0"))])),
        "metadata is that of b 1.0, and the file a 1.0",
    ),
    "of another version": (
        index_of(NEW_ROW, wheel(members=[("a-1.0.dist-info/METADATA", metadata("a", "2.0"))])),
        "metadata is that of a 2.0, and the file a 1.0",
    ),
    "with metadata of another project beside it": (
        index_of(
            {**NEW_ROW, "core-metadata": True},
            **{f"{WHEEL}.metadata": says(metadata("b").encode())},
        ),
        "metadata is that of b 1.0",
    ),
    "with a login page in the place of its metadata": (
        index_of({**NEW_ROW, "core-metadata": True}, **{f"{WHEEL}.metadata": html(LOGIN)}),
        "metadata names no project",
    ),
    "with metadata of another hash": (
        index_of(
            {**NEW_ROW, "core-metadata": {"sha256": OTHER}},
            **{f"{WHEEL}.metadata": says(metadata().encode())},
        ),
        f"bears sha256:[0-9a-f]{{64}}, and its index says sha256:{OTHER}",
    ),
    "with metadata that is large": (
        index_of({**NEW_ROW, "core-metadata": True}, **{f"{WHEEL}.metadata": says(b"x" * 9_000)}),
        "larger than any such answer is",
    ),
    "with metadata that is packed to nothing": (
        index_of(
            {**NEW_ROW, "core-metadata": True},
            **{f"{WHEEL}.metadata": says(packed(b" " * 9_000), Content_Encoding="gzip")},
        ),
        "larger than any such answer is",
    ),
    "whose metadata is packed to nothing": (
        index_of(NEW_ROW, wheel(members=[("a-1.0.dist-info/METADATA", " " * 9_000)])),
        "METADATA is larger than 8,000 bytes",
    ),
    "that is packed as no wheel is": (
        index_of(NEW_ROW, wheel(packing=zipfile.ZIP_LZMA)),
        "packed by method 14",
    ),
    "with a directory that is large": (
        index_of(NEW_ROW, wheel(members=[(f"a/{n:0200}", "") for n in range(300)])),
        "more than 64,000 bytes of it would have to be read",
    ),
    "with several metadata": (
        index_of(
            NEW_ROW, wheel(members=[(f"{n}-1.0.dist-info/METADATA", metadata()) for n in "aA"])
        ),
        "several METADATA: a-1.0.dist-info/METADATA and A-1.0.dist-info/METADATA",
    ),
    "with no metadata": (index_of(NEW_ROW, wheel(members=[("a.py", "")])), "it is no wheel"),
    "that is no wheel": (index_of(NEW_ROW, b"words"), "it is no wheel"),
    "that asks for a marker nested deep": (
        index_of(
            NEW_ROW,
            wheel(
                members=[
                    (
                        "a-1.0.dist-info/METADATA",
                        metadata("a", "1.0", f"Requires-Dist: b; {NESTED_MARKER}"),
                    )
                ]
            ),
        ),
        "nested too deep",
    ),
    "that asks for an address that is no UTF-8": (
        index_of(
            NEW_ROW,
            wheel(
                members=[
                    (
                        "a-1.0.dist-info/METADATA",
                        metadata().encode() + b"Requires-Dist: b @ http://index.example/\xff.whl\n",
                    )
                ]
            ),
        ),
        "a line of it is no UTF-8: .*xff|udcff",
    ),
    "that asks for a version of many digits": (
        index_of(
            NEW_ROW,
            wheel(
                members=[
                    (
                        "a-1.0.dist-info/METADATA",
                        metadata("a", "1.0", "Requires-Dist: b>=" + "1" * 5_000),
                    )
                ]
            ),
        ),
        "a line of it is longer than 4,000 characters",
    ),
    "by parts that are another file's": (
        index_of(NEW_ROW, says(b"\0" * 600, status=206, Content_Range="bytes 0-599/600")),
        "it is no wheel",
    ),
    "as a source that is of another project": (
        index_of(row("a-1.0.tar.gz"), sdist("a", "1.0", **{"PKG-INFO": metadata("b").encode()})),
        "metadata is that of b 1.0",
    ),
    "as a source that is no archive": (index_of(row("a-1.0.tar.gz"), b"words"), "no source dist"),
    "as a source that is packed to nothing, again and again": (
        index_of(row("a-1.0.tar.gz"), gzip.compress(b"") * 5_000),
        "more than 64,000 bytes of it|larger than any such answer",
    ),
}


@pytest.mark.parametrize("lie", FILES_OF_1_0)
def test_a_file_that_is_not_what_it_should_be_is_passed_over_and_told(ask, lie):
    answers, reason = FILES_OF_1_0[lie]
    began = time.monotonic()
    found, notes = ask(answers)
    assert found == ["a==0.9"]
    assert re.search(reason, notes), notes
    with pytest.raises(ConflictError, match=reason):
        ask(answers, "a==1.0")
    assert time.monotonic() - began < SECONDS


STILL = {
    "a name that leads elsewhere": (
        {
            **index_of(NEW_ROW),
            PAGE: page(NEW_ROW, row("a-2.0-1/../../x-py3-none-any.whl")),
        },
        "1 of the 2 files on its page have no usable name",
    ),
    "a name of 300 letters": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, row("a-" + "2" * 300 + "-py3-none-any.whl"))},
        "no usable name",
    ),
    "a name with a character that turns the line round": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, row("a-2.0\u202e-py3-none-any.whl"))},
        "no usable name",
    ),
    "rows that are none": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, 5, None, [], {"filename": 5}, {"url": "x"})},
        "5 of the 6 files on its page have no usable name",
    ),
    "API 1.9": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, meta={"api-version": "1.9"})},
        "API is version 1.9, of which 1.4 is understood",
    ),
    "a size that is no number": ({**index_of({**NEW_ROW, "size": "big"})}, ""),
    "a content type that is wrong": (
        {**index_of(NEW_ROW), PAGE: says(json.dumps({"files": [NEW_ROW]}).encode(), "text/html")},
        "",
    ),
    "JSON that is HTML": (
        {**index_of(NEW_ROW), PAGE: says(f'<a href="/files/{WHEEL}">a</a>'.encode(), JSON)},
        "",
    ),
    "a comment without end": (
        {**index_of(NEW_ROW), PAGE: html(f'<a href="/files/{WHEEL}">a</a>' + "<!--" * 5_000)},
        "",
    ),
    "a page that is packed": (
        {
            **index_of(NEW_ROW),
            PAGE: says(
                packed(json.dumps({"files": [NEW_ROW]}).encode()), JSON, Content_Encoding="gzip"
            ),
        },
        "",
    ),
    "a fault that passes": (
        {
            **index_of(NEW_ROW),
            PAGE: in_turn(says(b"", status=503, Retry_After="0"), page(NEW_ROW)),
        },
        "",
    ),
    "a body that is cut short once": (
        {**index_of(NEW_ROW), PAGE: in_turn(says(b"{", Content_Length="99"), page(NEW_ROW))},
        "",
    ),
    "no parts": (index_of(NEW_ROW, says(NEW)), ""),
    "parts that nobody asked for": (
        index_of(
            NEW_ROW,
            lambda handler: (
                says(NEW[:9], status=206, Content_Range="bytes 3-11/99")
                if "Range" in handler.headers
                else says(NEW)
            )(handler),
        ),
        "",
    ),
    "yanked: nothing": (index_of({**NEW_ROW, "yanked": None}), ""),
    "yanked: an empty reason": (index_of({**NEW_ROW, "yanked": ""}), ""),
    "a hash that nobody knows": (index_of({**NEW_ROW, "hashes": {"crc32": "1234"}}), ""),
    "hashes: nothing": (index_of({**NEW_ROW, "hashes": None}), ""),
    "a fragment that is no hash": (
        {**index_of(NEW_ROW), PAGE: html(f'<a href="/files/{WHEEL}#egg=a&subdirectory=b">a</a>')},
        "",
    ),
    "a Python with half a character": (
        index_of({**NEW_ROW, "requires-python": ">=3\ud800"}),
        "",
    ),
    "an archived project": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, **status("archived", "take\n b"))},
        r'/simple/a/: the project is archived: no new release of it is to be expected \("take b"\)',
    ),
    "a deprecated project": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, **status("deprecated"))},
        "the project is deprecated",
    ),
    "a deprecated project, in HTML": (
        {
            **index_of(NEW_ROW),
            PAGE: html(
                '<meta name="pypi:project-status" content="deprecated">'
                '<meta name="pypi:project-status-reason" content="a &lt; b">'
                f'<a href="/files/{WHEEL}">a</a>'
            ),
        },
        r'the project is deprecated.*\("a < b"\)',
    ),
    "an active project": ({**index_of(NEW_ROW), PAGE: page(NEW_ROW, **status("active"))}, "^$"),
    "a status that nobody knows": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, **status("asleep"))},
        "^$",
    ),
    "a status that is none": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, **status(["archived"], {}))},
        "^$",
    ),
    "a list for a status": (
        {**index_of(NEW_ROW), PAGE: page(NEW_ROW, **{"project-status": [1]})},
        "^$",
    ),
    "metadata that is offered and not there": (index_of({**NEW_ROW, "core-metadata": True}), ""),
}


@pytest.mark.parametrize("lie", STILL)
def test_what_does_no_harm_does_not_keep_an_index_from_answering(ask, lie):
    answers, said = STILL[lie]
    found, notes = ask(answers, bounds=replace(SMALL, page_seconds=60.0, file_seconds=60.0))
    assert found == ["a==1.0"]
    assert re.search(said, notes), notes


# What an index has of a name, and nobody may have


def test_yanked_releases_alone_are_told_as_such(ask):
    with pytest.raises(ConflictError, match=r"Not 1\.0, 0\.9: it was withdrawn"):
        ask({PAGE: page({**NEW_ROW, "yanked": "bad"}, {**OLD_ROW, "yanked": True})})


QUARANTINED = '<meta name="pypi:project-status" content="quarantined">'


@pytest.mark.parametrize(
    "said",
    [
        page(NEW_ROW, OLD_ROW, **status("quarantined", "malware")),
        html(f'<head>{QUARANTINED}</head><a href="/files/{WHEEL}">a</a>'),
    ],
)
def test_nothing_of_a_project_in_quarantine_is_taken_from_any_index(server, world, said):
    """PEP 792: the index that has the name holds it to be harmful."""
    server.answers = {PAGE: said, "/other/a/": page(NEW_ROW), f"/files/{WHEEL}": sent(NEW)}
    fetcher = Fetcher(bounds=SMALL)
    places = [f"{server.url}/simple", f"{server.url}/other"]
    source = IndexSource(places, world.target(), Access(fetcher))
    place = f"127.0.0.1:{server.server_port}{PAGE}"
    with pytest.raises(ConflictError, match=f"{place}: the project is in quarantine there"):
        answer(world, [source], "a")
    fetcher.close()


def test_a_page_of_another_name_is_told_as_such(ask, server):
    place = f"127.0.0.1:{server.server_port}{PAGE}"
    with pytest.raises(ConflictError, match=f"{place}: it names no file of a: 'b-1.0.tar.gz'"):
        ask({PAGE: page(row("b-1.0.tar.gz"), name="b")})


# Whole files


FETCHED = {
    "of another hash": (
        OTHER_ROW,
        sent(NEW),
        f"index says sha256:{OTHER}",
    ),
    "shorter than it should be": (
        {**NEW_ROW, "size": len(NEW) + 5},
        sent(NEW),
        f"has {len(NEW):,} bytes, and its index says {len(NEW) + 5:,}",
    ),
    "longer than it should be": (NEW_ROW, says(NEW + b"more"), "larger than any such answer is"),
    "longer than any is": ({**NEW_ROW, "size": None}, pours(b"x" * 50_000), "larger than any"),
    "cut short": (NEW_ROW, says(NEW[:50], Content_Length="900"), "broke off.*2 times"),
}


@pytest.mark.parametrize("lie", FETCHED)
def test_a_whole_file_is_held_to_what_its_index_says(server, world, tmp_path, lie):
    told, data, reason = FETCHED[lie]
    server.answers = index_of(told, data)
    fetcher = Fetcher(bounds=SMALL, attempts=1, timeout=1.0)
    source = IndexSource(f"{server.url}/simple", world.target(), Access(fetcher))
    new = max(source.candidates("a"), key=lambda each: each.version)
    with pytest.raises(SourceError, match=f"(?s)127.0.0.1.*{WHEEL}: .*{reason}"):
        source.fetch(new, tmp_path)
    fetcher.close()


def test_a_file_that_comes_slowly_and_goes_on_is_waited_for(server, world, tmp_path):
    """Ten times as long as the patience, several times as fast as is asked for."""
    data = bytes(1_600)

    def slowly(handler):
        handler.begin(200, "x/y", {"Content-Length": str(len(data))})
        for place in range(0, len(data), 40):
            handler.wfile.write(data[place : place + 40])
            time.sleep(0.05)

    server.answers = {"/file": slowly}
    fetcher = Fetcher(bounds=replace(SMALL, patience=0.5, slowest=100))
    with (tmp_path / "file").open("w+b") as out:
        fetcher.save(f"{server.url}/file", out)
        assert out.tell() == len(data)
    fetcher.close()


# Logins


def test_a_login_does_not_travel_to_another_host(server, world):
    with served() as other:
        server.answers = {PAGE: says(b"", status=302, Location=f"{other.url}/there/")}
        server.headers = []
        other.answers = {"/there/": page(NEW_ROW)}
        url = server.url.replace("//", "//me:secret@") + "/simple"
        fetcher = Fetcher(logins=Logins([url]), bounds=SMALL)
        links = IndexSource(url, world.target(), Access(fetcher)).links("a")
        fetcher.close()
    assert [link.file for link in links] == [WHEEL]
    assert server.logins[0].startswith("Basic ")
    assert other.logins == [None]


@pytest.fixture
def certificate(tmp_path):
    """A certificate of this machine, and its key, in one file."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("there is no openssl")
    file = tmp_path / "certificate.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -subj /CN=here -days 2".split()  # noqa: SIM905
    named = [*words, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file)]
    made = subprocess.run([program, *named], check=True, capture_output=True, timeout=30).stdout
    file.write_bytes(file.read_bytes() + made)
    return file


@pytest.mark.parametrize("trusted", [False, True])
def test_a_redirect_to_plain_http_is_refused_unless_that_host_is_trusted(
    server, world, certificate, trusted
):
    with served(certificate) as safe:
        server.answers = {"/there/": page(NEW_ROW)}
        safe.answers = {PAGE: says(b"", status=302, Location=f"{server.url}/there/")}
        hosts = [f"127.0.0.1:{server.server_port}"] if trusted else []
        fetcher = Fetcher(bounds=SMALL, certificates=str(certificate), trusted=hosts)
        source = IndexSource(f"{safe.url}/simple", world.target(), Access(fetcher))
        if trusted:
            assert [link.file for link in source.links("a")] == [WHEEL]
        else:
            with pytest.raises(SourceError, match=r"from https to plain http.*--trusted-host"):
                source.links("a")
        fetcher.close()


# Memory


def test_what_is_thrown_away_is_never_held(ask):
    """Of a page that unpacks to 40 MB, no more than is allowed is in memory at any time."""
    bomb = says(packed(b" " * 40_000_000), JSON, Content_Encoding="gzip")
    tracemalloc.start()
    with pytest.raises(SourceError, match="larger than any"):
        ask({PAGE: bomb})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000


def test_a_large_wheel_of_a_server_without_parts_is_not_held(ask):
    large = wheel(
        members=[("a/data", "x" * 30_000_000), ("a-1.0.dist-info/METADATA", metadata())],
        packing=zipfile.ZIP_STORED,
    )
    answers = index_of({**NEW_ROW, "size": len(large)}, says(large))
    tracemalloc.start()
    found, _ = ask(answers, bounds=replace(SMALL, file=50_000_000))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ["a==1.0"]
    assert most < 8_000_000


# A proxy


def test_a_proxy_is_sent_its_own_login_and_the_index_is_not(server):
    server.answers = {"http://index.example/simple/a/": page(NEW_ROW)}
    server.asked, server.headers = [], []
    proxy = server.url.replace("//", "//me:s%40cr\u20act@")
    fetcher = Fetcher(proxies={"http": proxy}, bounds=SMALL)
    found = fetcher.get("http://index.example/simple/a/")
    assert found is not None
    assert found.body
    fetcher.close()
    ((proxied, own),) = server.headers
    assert (proxied, own) == ("Basic bWU6c0BjcuKCrHQ=", None)


@pytest.mark.parametrize(
    ("proxy", "reason"),
    [
        ("wants", "status 407: the proxy wants a login; give a login in the proxy's URL"),
        ("is gone", "cannot be reached: its proxy: .*refused"),
    ],
)
def test_a_proxy_that_lets_nobody_through_is_told_and_its_login_is_not(server, proxy, reason):
    server.answers = {"http://index.example/simple/a/": says(b"", status=407)}
    place = server.url if proxy == "wants" else "http://127.0.0.1:9"
    fetcher = Fetcher(
        proxies={"http": place.replace("//", "//me:s%40cret@")}, bounds=SMALL, attempts=0
    )
    with pytest.raises(SourceError, match=f"http://index.example/simple/a/: .*{reason}") as caught:
        fetcher.get("http://index.example/simple/a/")
    assert "cret" not in str(caught.value)
    fetcher.close()


# Two indexes, of which one lies

LIES = {
    "no page": (says(b"words", "text/plain"), "this is no page of an index"),
    "no answer": (says(b"", status=500), "status 500"),
    "a login": (says(b"", status=401), "wants a login"),
    "no frame": (chunk(b"-5\r\n"), "frames its answer wrongly"),
}


@pytest.mark.parametrize("strategy", get_args(Strategy))
@pytest.mark.parametrize("first", ["honest", "lying"])
def test_no_strategy_goes_on_without_an_index_that_cannot_be_read(
    server, world, pip_config, tmp_path, strategy, first
):
    """What it has of a name might be the better version, or the one that is meant."""
    honest, lying = f"{server.url}/honest", f"{server.url}/lying"
    extra, main = (honest, lying) if first == "honest" else (lying, honest)
    pip_config(f"[global]\nextra-index-url = {extra}\nindex-url = {main}\nretries = 0\n")
    settings = replace(
        IndexSettings.from_environment(), strategy=strategy, bounds=SMALL, cache=tmp_path / "cache"
    )
    for said, reason in LIES.values():
        answers = index_of(NEW_ROW)
        server.answers = {**answers, "/honest/a/": answers[PAGE], "/lying/a/": said}
        sources = configured_sources(world.target(), settings=settings)
        line = "a"
        if first == "honest" and strategy != "unsafe-best-match":
            assert pins(answer(world, sources, "a")) == ["a==1.0"]  # nobody else is asked
            if strategy == "first-index":
                continue
            line = "a>=2"
        with pytest.raises(SourceError, match=f"{lying}/a/: .*{reason}") as caught:
            answer(world, sources, line)
        assert "leave that index out" in caught.value.remedy


# A folder


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_pipe_in_a_folder_of_wheels_keeps_nobody_waiting(world, tmp_path):
    (tmp_path / "a-0.9-py3-none-any.whl").write_bytes(wheel("0.9"))
    os.mkfifo(tmp_path / WHEEL)
    (tmp_path / "a-2.0-py3-none-any.whl").symlink_to("/dev/zero")
    source = WheelFolder(tmp_path, world.target())
    began = time.monotonic()
    assert pins(answer(world, [source], "a==0.9")) == ["a==0.9"]
    for version in ("1.0", "2.0"):
        with pytest.raises(SourceError, match=f"a-{version}.*: it is no regular file"):
            answer(world, [source], f"a=={version}")
    assert time.monotonic() - began < SECONDS


# Who looks for the files of pins, without resolving


def test_a_file_that_is_not_to_be_had_is_the_reason_why_a_pin_lacks_one(server, world):
    server.answers = index_of({**NEW_ROW, "url": "file:///etc/a-1.0-py3-none-any.whl"})
    fetcher = Fetcher(bounds=SMALL)
    source = IndexSource(f"{server.url}/simple", world.target(), Access(fetcher))
    found = find_artifacts([Asked("a", Version("1.0"))], world.target(), sources=[source])
    assert found.lacking["a 1.0"].endswith(f"{WHEEL}: its page links to a file of this machine")
    old = find_artifacts([Asked("a", Version("0.9"))], world.target(), sources=[source])
    assert old.complete
    fetcher.close()


class Asked(NamedTuple):
    """A pin, as far as its files are looked for."""

    name: str
    version: Version
