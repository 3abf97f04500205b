"""Files that the user names by their URL."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..index.simple_api import Link
from .links import LinkSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..index.session import Access
    from ..target import Target


class DirectSource(LinkSource):
    """Files that the user names by their URL (`name @ https://.../x.whl`).

    `urls` maps normalised names. A repository or a folder has no candidate.
    """

    label = "url"

    def __init__(self, urls: Mapping[str, str], target: Target, access: Access) -> None:
        super().__init__(target, access)
        self._urls = dict(urls)

    def links(self, name: str) -> Sequence[Link]:
        """Return the one file of a name, or nothing."""
        url, _, fragment = self._urls.get(name, "").partition("#")
        hashes = tuple(each for each in fragment.split("&") if each.startswith("sha256="))
        return [Link(unquote(urlsplit(url).path.rpartition("/")[2]), url, hashes=hashes)]

    def _references(self, name: str) -> tuple[str, ...]:
        return (self._urls[name],)
