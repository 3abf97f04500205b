"""Pages of a simple index: HTML (PEP 503, 592, 658, 714) and JSON (PEP 691, 700)."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin

from ..errors import SourceError
from ..requirements.references import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .fetcher import Fetched

JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_VALUE = r"""\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_TAG = re.compile(rf"<(a|base)((?:\s+[^\s=>\"']+(?:{_VALUE})?)*)\s*/?>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([^\s=>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""",
)


class Link(NamedTuple):
    """One file that a page names; a tuple, as a page has thousands."""

    file: str
    """Its name, "numpy-2.0-cp311-cp311-linux_x86_64.whl"."""

    href: str
    """Its address as the page has it, relative to `base`, without a fragment."""

    base: str = ""
    requires_python: str = ""
    yanked: bool = False
    metadata: str = ""
    """"true", or its hash, where its METADATA is said to be at `url` + ".metadata"."""

    hashes: tuple[str, ...] = ()
    """As "sha256=..."."""

    size: int | None = None
    """Bytes."""

    @property
    def digests(self) -> tuple[str, ...]:
        """Return its hashes as pip's `--hash` has them: "sha256:..."."""
        return tuple(each.replace("=", ":", 1) for each in self.hashes)

    @property
    def url(self) -> str:
        """Return its whole address; made late, as few are fetched."""
        is_whole = self.href.startswith(("https://", "http://"))
        return self.href if is_whole else urljoin(self.base, self.href)


def parse_page(page: Fetched) -> tuple[Link, ...]:
    """Read the links of a page. Raises `SourceError` for one that is neither HTML nor JSON.

    >>> from resolver.index.fetcher import Fetched
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
    release = str(data.get("meta", {}).get("api-version", "1.0"))
    if release.partition(".")[0] != "1":
        raise ValueError(f"its API is version {release}, and 1 is what is understood")
    for file in data["files"]:
        size = file.get("size")
        yield Link(
            file=file["filename"],
            href=file["url"].partition("#")[0],
            base=base,
            requires_python=file.get("requires-python") or "",
            # A reason may be an empty text in HTML; in JSON false is the only no.
            yanked=file.get("yanked", False) is not False,
            metadata=_offer(file.get("core-metadata", file.get("dist-info-metadata", False))),
            hashes=tuple(f"{kind}={value}" for kind, value in file.get("hashes", {}).items()),
            size=size if isinstance(size, int) else None,
        )


def _offer(stated: object) -> str:
    """Return the hash of the metadata that is offered (PEP 714), "true" without one."""
    if isinstance(stated, dict) and stated.get("sha256"):
        return f"sha256={stated['sha256']}"
    return "true" if stated else ""


def _from_html(text: str, base: str) -> Iterator[Link]:
    for tag, attributes in _tags(_COMMENT.sub("", text)):
        href, _, fragment = (attributes.get("href") or "").partition("#")
        if tag == "base" and href:
            base = urljoin(base, href)
        elif href:
            stated = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
            yield Link(
                file=unquote(href.partition("?")[0].rpartition("/")[2]),
                href=href,
                base=base,
                requires_python=attributes.get("data-requires-python", ""),
                yanked="data-yanked" in attributes,
                # HTML has no "no": an empty value is an offer as well.
                metadata="" if stated in {None, "false"} else stated or "true",
                hashes=(fragment.partition("&")[0],) if "=" in fragment else (),
            )


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each link and base; an expression takes a sixth of what an HTML parser takes."""
    for tag in _TAG.finditer(text):
        yield (
            tag[1].lower(),
            {
                found[1].lower(): unescape(found[2] or found[3] or found[4] or "")
                for found in _ATTRIBUTE.finditer(tag[2])
            },
        )
