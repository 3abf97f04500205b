"""Valid image names, by the rules that all engines and registries share (distribution)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import NoImageError

# Without IPv6 addresses, which not every engine accepts:
# https://github.com/distribution/reference/blob/main/reference.go
_WORD = r"[a-z0-9]+"
_SEPARATOR = r"(?:[._]|__|-+)"
_COMPONENT = rf"{_WORD}(?:{_SEPARATOR}{_WORD})*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")  # engines read such a name as an image's id
_LONGEST = 255
_WAY = "write a name as wine, wine:1 or registry.example.com/wine:1"


@dataclass(frozen=True, slots=True)
class ImageName:
    """The name and tag of an image."""

    name: str
    """The name, with a registry if it has one: ``localhost:5000/wine``."""
    tag: str
    """The tag; empty if there is none."""

    @classmethod
    def read(cls, text: str) -> ImageName:
        """Return a name in its parts. Raises NoImageError for a name that engines reject.

        >>> ImageName.read("localhost:5000/wine"), ImageName.read("wine:1").tag
        (ImageName(name='localhost:5000/wine', tag=''), '1')
        """
        head, slash, last = text.rpartition("/")
        last, colon, tag = last.partition(":")
        if "@" in text:
            raise NoImageError(text, "a digest cannot be given as a name", _WAY)
        if colon and not _TAG.fullmatch(tag):
            reason = f"{tag!r} is no tag" if tag else "it ends with a colon"
            raise NoImageError(text, f"this is no valid name of an image: {reason}", _WAY)
        name = f"{head}{slash}{last}"
        domain, path = _parted(name)
        if (domain and not _DOMAIN.fullmatch(domain)) or not _PATH.fullmatch(path):
            reason = "this is no valid name of an image: use a-z, 0-9, and single . _ / between"
            raise NoImageError(text, reason, _WAY)
        if len(name) > _LONGEST or _DIGEST.fullmatch(name):
            reason = "is longer than any" if len(name) > _LONGEST else "would be an image's id"
            raise NoImageError(text, f"this is no valid name of an image: it {reason}", _WAY)
        return cls(name, tag)

    def __str__(self) -> str:
        """Return it with a tag; without one it is ``latest``, as for every engine."""
        return f"{self.name}:{self.tag or 'latest'}"


def _parted(name: str) -> tuple[str, str]:
    """Separate the registry from a name: the first part, if Docker Hub would not accept it."""
    first, slash, rest = name.partition("/")
    is_domain = slash and (re.search(r"[.:A-Z]", first) or first == "localhost")
    return (first, rest) if is_domain else ("", name)


def name_of(text: str) -> str:
    """Return a valid image name for something with another name.

    >>> name_of("Wine_Model"), name_of("_a..b_"), name_of("(2)")
    ('wine_model', 'a-b', '2')
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower())
    single = re.sub(r"[._-]+", lambda found: _separator(found[0]), plain)
    return single.strip("._-")[:_LONGEST].rstrip("._-") or "model"


def _separator(text: str) -> str:
    return text if re.fullmatch(_SEPARATOR, text) else "-"
