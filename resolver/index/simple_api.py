"""Simple index pages: HTML (PEP 503, 592, 658, 714) and JSON (PEP 691, 700), PEP 792."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import FalseAnswerError
from ..local_files import path_of
from ..moments import upload_text
from ..requirements.references import without_credentials
from ..settings import STANDARD
from .page_parts.hashes import hashes_of, offered_metadata, readable_hashes
from .page_parts.html_page import api_version, is_for_people, project_status, tags, title
from .page_parts.project_status import ACTIVE, ProjectStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .fetcher import Fetched

JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"

_KNOWN_MINOR = 4  # PEP 792
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".egg", ".exe")
_FILE_NAME = 255
_SPECIFIER = 1_000
_MOMENT = 40
_REASON = 200
# An address that needs no closer check: absolute, with a plain host.
_ADDRESS = re.compile(r"https?://(?:[^/?#\s@]*@)?[^/?#\s@:\[\]]+(?::\d{1,4})?(?:[/?#]|$)")
_NO_PAGE = "this is no page of an index"
_ADVICE = "ask who runs it, or leave that index out and resolve from another (--index-url)"
_NO_HASH = "its page says nothing readable of its hash"
_NO_OFFER = "its page says nothing readable of the hash of its metadata"


class Link(NamedTuple):
    """One file on a page; a tuple, as a page has thousands."""

    file: str
    """Its name, "numpy-2.0-cp311-cp311-linux_x86_64.whl"."""

    href: str
    """Its address as the page has it, relative to `base`, without a fragment."""

    base: str = ""
    requires_python: str = ""
    yanked: bool = False
    metadata: str = ""
    """"true", or a digest, if METADATA is offered at `url` + ".metadata"; empty: it is not."""

    hashes: tuple[str, ...] = ()
    """As "sha256=..."."""

    size: int | None = None
    """The size in bytes."""

    wrong: str = ""
    """The reason not to use the file ("its page links to ..."); empty if there is none."""

    uploaded: str = ""
    """The time when the index received it (PEP 700), as `upload_text` gives it; empty: unknown."""

    yanked_reason: str = ""
    """The reason why it was yanked (PEP 592); empty if none is given."""

    @property
    def digests(self) -> tuple[str, ...]:
        """Return its digests in the form of pip's `--hash`: "sha256:..."."""
        return tuple(each.replace("=", ":", 1) for each in self.hashes)

    @property
    def url(self) -> str:
        """Return its absolute address; computed late, as few files are fetched."""
        is_whole = self.href.startswith(("https://", "http://"))
        return self.href if is_whole else urljoin(self.base, self.href)


class Page(NamedTuple):
    """The links of an index page, its faults, and the project's status."""

    links: tuple[Link, ...] = ()
    """The links; empty for a project in quarantine, whatever its page names."""

    remarks: tuple[str, ...] = ()
    """Faults of the page, a sentence each."""

    status: ProjectStatus = ACTIVE


class _Read(NamedTuple):
    """The parsed content of a page."""

    links: list[Link]
    remarks: tuple[str, ...]
    status: ProjectStatus


def parse_page(page: Fetched, *, most: int = STANDARD.links) -> Page:
    """Parse a page with at most `most` files.

    Faults of a single file are stored with it. Raises `FalseAnswerError` for anything but a page:
    neither HTML nor JSON, of an unknown API version, or for people.

    >>> from resolver.index.fetcher import Fetched
    >>> html = Fetched(b'<a href="a-1.whl#sha256=0">a</a>', "text/html", "file:///x/a/")
    >>> parse_page(html).links[0].file
    'a-1.whl'
    """
    place = without_credentials(page.url)
    try:
        if _is_json(page):
            read = _from_json(_loaded(page.body), page.url, most)
        else:
            read = _from_html(page.body.decode("utf-8"), page, most)
    except _NoPageError as error:
        raise FalseAnswerError(place, str(error), error.remedy) from None
    except RecursionError:
        raise FalseAnswerError(place, "its JSON is nested too deep for any page", _ADVICE) from None
    except ValueError as error:
        reason = f"{_NO_PAGE} ({error})"
        raise FalseAnswerError(place, reason, _ADVICE) from error
    links = () if read.status.is_quarantined else _told_once(read.links)
    return Page(links, read.remarks, read.status)


def _loaded(body: bytes) -> Any:
    """Return the JSON value. Raises ValueError, `_NoPageError`, RecursionError."""
    try:
        return json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:  # Python's message names a switch of its own
        raise _NoPageError(f"{_NO_PAGE}: a number on it has more digits than any has") from None


class _NoPageError(Exception):
    def __init__(self, reason: str, remedy: str = _ADVICE) -> None:
        super().__init__(reason)
        self.remedy = remedy


def _is_json(page: Fetched) -> bool:
    """Return whether a page is JSON, by its first bytes; its stated media type may be wrong."""
    kind = page.media_type
    if kind.startswith("application/vnd.pypi.simple.") and ".v1" not in kind:
        raise _NoPageError(f"its API is {kind!r}, and only version 1 is understood")
    start = page.body[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"<")):
        return start.startswith(b"{")
    if not start:
        raise _NoPageError(f"{_NO_PAGE}: it is empty")
    if "html" not in kind and path_of(page.url) is None:
        called = kind[:80] if kind.isprintable() else ascii(kind[:80])
        raise _NoPageError(f"{_NO_PAGE}, but {called or 'of no stated kind'}")
    return False


def _hold_version(stated: str) -> tuple[str, ...]:
    """Return remarks on a version of the API. Raises `_NoPageError` (PEP 629)."""
    major, _, minor = stated.partition(".")
    if major != "1":
        raise _NoPageError(f"its API is version {stated[:20]!r}, and only 1 is understood")
    if minor.isdecimal() and int(minor[:9]) > _KNOWN_MINOR:
        return (f"its API is version {stated[:20]}, of which 1.{_KNOWN_MINOR} is understood",)
    return ()


def _from_json(data: Any, base: str, most: int) -> _Read:
    if not isinstance(data, dict):
        raise _NoPageError(f"{_NO_PAGE}: it is no object")
    meta, files = data.get("meta", {}), data.get("files")
    if not isinstance(meta, dict):
        raise _NoPageError(f"{_NO_PAGE}: its meta is no object")
    remarks = _hold_version(str(meta.get("api-version", "1.0")))
    if not isinstance(files, list):
        raise _NoPageError(f"{_NO_PAGE}: it has no list of files")
    _hold_number(len(files), most)
    is_local = path_of(base) is not None
    read = (_of_json(file, base, is_local=is_local) for file in files)
    links = [link for link in read if link is not None]
    if left := len(files) - len(links):
        remarks += (f"{left:,} of the {len(files):,} files on its page have no usable name",)
    return _Read(links, remarks, ProjectStatus.of_json(data.get("project-status")))


def _of_json(file: Any, base: str, *, is_local: bool) -> Link | None:
    """Parse one file; None if it has no name that a message could use."""
    if not isinstance(file, dict):
        return None
    name, url, python = file.get("filename"), file.get("url"), file.get("requires-python") or ""
    if not isinstance(name, str) or not isinstance(url, str) or not _is_file_name(name):
        return None
    href, size = url.partition("#")[0], file.get("size")
    wrong = _fault(href, base, is_local=is_local)
    if not isinstance(python, str) or len(python) > _SPECIFIER:
        python, wrong = "", "its page says nothing readable of its Python"
    hashes = readable_hashes(file.get("hashes"))
    metadata = offered_metadata(file.get("core-metadata", file.get("dist-info-metadata")))
    withdrawn = file.get("yanked")
    return Link(
        file=name,
        href=href,
        base=base,
        requires_python=python,
        yanked=bool(withdrawn),  # a truthy value, true or a reason (PEP 691)
        metadata=metadata or "",
        hashes=hashes or (),
        size=size if type(size) is int and size >= 0 else None,
        wrong=_unreadable(hashes, metadata) or wrong,
        uploaded=upload_text(_short(file.get("upload-time"), _MOMENT)),
        yanked_reason=_short(withdrawn, _REASON),
    )


def _from_html(text: str, page: Fetched, most: int) -> _Read:
    version = api_version(text)
    remarks = _hold_version(version) if version else ()
    links: list[Link] = []
    for link in _anchors(text, page.url):
        links.append(link)
        _hold_number(len(links), most)
    if not any(link.file.endswith(_ARCHIVES) for link in links) and is_for_people(text):
        called = f", {title(text)!r}" if title(text) else ""
        raise _NoPageError(
            f"this is a page for people, as for a login{called}, and no page of an index",
            "give a login in the URL that pip is configured with, or in netrc, or leave that index "
            "out",
        )
    return _Read(links, remarks, ProjectStatus.of(*project_status(text)))


def _anchors(text: str, base: str) -> Iterator[Link]:
    is_local = path_of(base) is not None
    for tag, attributes in tags(text):
        href, _, fragment = (attributes.get("href") or "").partition("#")
        name = unquote(href.partition("?")[0].rpartition("/")[2])
        if tag == "base" and href:
            base = urljoin(base, href)
        elif href and _is_file_name(name):
            stated = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
            hashes = hashes_of(fragment)
            # HTML has no "no": an empty value is an offer as well.
            metadata = offered_metadata("" if stated in {None, "false"} else stated or True)
            yield Link(
                file=name,
                href=href,
                base=base,
                requires_python=attributes.get("data-requires-python", "")[:_SPECIFIER],
                yanked="data-yanked" in attributes,
                metadata=metadata or "",
                hashes=hashes or (),
                wrong=_unreadable(hashes, metadata) or _fault(href, base, is_local=is_local),
                uploaded=upload_text(_short(attributes.get("data-upload-time"), _MOMENT)),
                yanked_reason=_short(attributes.get("data-yanked"), _REASON),
            )


def _short(said: object, most: int) -> str:
    """Return a text of a page, on one line and cut; empty for anything else.

    >>> _short(" it  breaks pandas ", 9), _short(True, 9)
    ('it breaks', '')
    """
    return " ".join(said[: 2 * most].split())[:most] if isinstance(said, str) else ""


def _is_file_name(name: str) -> bool:
    """Return whether a text can be the name of a file in a folder, and not a path elsewhere."""
    return (
        0 < len(name) <= _FILE_NAME and name.isprintable() and "/" not in name and "\\" not in name
    )


def _fault(href: str, base: str, *, is_local: bool) -> str:
    """Return why a link must not be fetched; empty if it may be.

    A remote page could name files of this machine, and have them read and installed.
    """
    if not href.isprintable():
        return "its page links to an invalid address"
    if (
        is_local
        or _ADDRESS.match(href)
        or (":" not in href and base.startswith(("https://", "http://")))
    ):
        return ""
    try:
        parts = urlsplit(urljoin(base, href))
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "its page links to an invalid address"
    if known and parts.scheme in {"https", "http"}:
        return ""
    is_file = parts.scheme == "file"
    place = "a file of this machine" if is_file else f"an address of {parts.scheme[:20]!r}"
    return f"its page links to {place}"


def _unreadable(hashes: object, metadata: object) -> str:
    """Return which required entry of a file is missing or malformed; empty if none is."""
    if hashes is None:
        return _NO_HASH
    return _NO_OFFER if metadata is None else ""


def _hold_number(files: int, most: int) -> None:
    if files > most:
        raise _NoPageError(f"it names more files than any page does ({most:,})")


def _told_once(links: Iterable[Link]) -> tuple[Link, ...]:
    """Mark files that a page names twice, with digests that contradict each other."""
    links = tuple(links)
    often = {file for file, count in Counter(link.file for link in links).items() if count > 1}
    if not often:
        return links
    hashes: dict[tuple[str, str], set[str]] = {}
    for link in links:
        for each in link.hashes if link.file in often else ():
            kind, _, value = each.partition("=")
            hashes.setdefault((link.file, kind), set()).add(value.lower())
    torn: Mapping[str, str] = {
        file: f"its page names it twice, with {kind} {' and '.join(sorted(values))}"
        for (file, kind), values in hashes.items()
        if len(values) > 1
    }
    return tuple(
        link._replace(wrong=torn[link.file]) if link.file in torn else link for link in links
    )
