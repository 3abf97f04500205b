"""Pages of a simple index: HTML (PEP 503, 592, 658, 714) and JSON (PEP 691)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from ..errors import SourceError
from ..references import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .fetch import Fetched

JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True, slots=True)
class Link:
    """Be one file that a page names."""

    file: str
    """Its name, "numpy-2.0-cp311-cp311-linux_x86_64.whl"."""

    href: str
    """Its address as the page has it, relative to `base`."""

    requires_python: str = ""
    yanked: bool = False
    metadata: bool = False
    """Whether its METADATA is said to be at `url` + ".metadata"."""

    hashes: tuple[str, ...] = ()
    """What it hashes to, as "sha256:..."; empty where the page does not say."""

    size: int | None = None
    """Bytes, where the page says so."""

    base: str = ""

    @property
    def url(self) -> str:
        """Return its whole address; made late, as a page has thousands and few are fetched."""
        return urljoin(self.base, self.href).partition("#")[0]


def parse_page(page: Fetched) -> tuple[Link, ...]:
    """Read the links of a page. Raises `SourceError` for one that is neither HTML nor JSON.

    >>> from resolver.sources.fetch import Fetched
    >>> parse_page(Fetched(b'<a href="a-1.whl#sha256=0">a</a>', "text/html", "file:///x/a/"))[0].file
    'a-1.whl'
    """
    try:
        if page.media_type.endswith("json"):
            return tuple(_from_json(json.loads(page.body), page.url))
        return tuple(_from_html(page.body.decode("utf-8"), page.url))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        place = without_credentials(page.url)
        raise SourceError(place, f"this is no page of an index ({error})") from error


def _from_json(data: Mapping[str, Any], base: str) -> Iterator[Link]:
    for file in data["files"]:
        stated = file.get("core-metadata", file.get("dist-info-metadata", False))
        yield Link(
            file=file["filename"],
            href=file["url"],
            requires_python=file.get("requires-python") or "",
            # A reason may be an empty text in HTML; in JSON false is the only no.
            yanked=file.get("yanked", False) is not False,
            metadata=bool(stated),
            base=base,
            hashes=tuple(f"{kind}:{each}" for kind, each in (file.get("hashes") or {}).items()),
            size=file.get("size"),
        )


def _from_html(text: str, base: str) -> Iterator[Link]:
    anchors = _Anchors(base)
    anchors.feed(text)
    for attributes in anchors.found:
        href = attributes["href"] or ""
        fragment = href.partition("#")[2]
        stated = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
        yield Link(
            file=unquote(href.partition("#")[0].partition("?")[0].rpartition("/")[2]),
            href=href,
            requires_python=attributes.get("data-requires-python") or "",
            yanked="data-yanked" in attributes,
            metadata=stated not in {None, "false"},
            base=anchors.base,
            hashes=(fragment.replace("=", ":", 1),) if "=" in fragment else (),
        )


class _Anchors(HTMLParser):
    """Gather the attributes of every link, and the page's base."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            self.found.append(attributes)
        elif tag == "base" and attributes.get("href"):
            self.base = urljoin(self.base, attributes["href"] or "")
