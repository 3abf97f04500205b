"""Valid image names, as every engine and registry reads them (distribution)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import NoImageError

# But for IPv6, which not every engine takes.
# https://github.com/distribution/reference/blob/main/reference.go
_WORD = r"[a-z0-9]+"
_SEPARATOR = r"(?:[._]|__|-+)"
_COMPONENT = rf"{_WORD}(?:{_SEPARATOR}{_WORD})*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")  # which stands for an image's id
_LONGEST = 255
_WAY = "write a name as wine, wine:1 or registry.example.com/wine:1"


@dataclass(frozen=True, slots=True)
class ImageName:
    """The name and tag of an image."""

    name: str
    """With its registry, where it is of one: ``localhost:5000/wine``."""
    tag: str
    """Empty where none is said."""

    @classmethod
    def read(cls, text: str) -> ImageName:
        """Return a name in its parts. Raises NoImageError for what no engine takes.

        >>> ImageName.read("localhost:5000/wine"), ImageName.read("wine:1").tag
        (ImageName(name='localhost:5000/wine', tag=''), '1')
        """
        head, slash, last = text.rpartition("/")
        last, colon, tag = last.partition(":")
        if "@" in text:
            raise NoImageError(text, "a digest is no name to give", _WAY)
        if colon and not _TAG.fullmatch(tag):
            reason = f"{tag!r} is no tag" if tag else "it ends with a colon"
            raise NoImageError(text, f"an image is not called so: {reason}", _WAY)
        name = f"{head}{slash}{last}"
        domain, path = _parted(name)
        if (domain and not _DOMAIN.fullmatch(domain)) or not _PATH.fullmatch(path):
            reason = "an image is not called so: it is of a-z, 0-9, and single . _ / between them"
            raise NoImageError(text, reason, _WAY)
        if len(name) > _LONGEST or _DIGEST.fullmatch(name):
            reason = "is longer than any" if len(name) > _LONGEST else "would be an image's id"
            raise NoImageError(text, f"an image is not called so: it {reason}", _WAY)
        return cls(name, tag)

    def __str__(self) -> str:
        """Return it with a tag: where none is said it is the one that every engine takes."""
        return f"{self.name}:{self.tag or 'latest'}"


def _parted(name: str) -> tuple[str, str]:
    """Part the registry from a name: only what cannot be a name on Docker Hub is one."""
    first, slash, rest = name.partition("/")
    is_domain = slash and (re.search(r"[.:A-Z]", first) or first == "localhost")
    return (first, rest) if is_domain else ("", name)


def name_of(text: str) -> str:
    """Return what an image of something that is called so may be called.

    >>> name_of("Wine_Model"), name_of("_a..b_"), name_of("(2)")
    ('wine_model', 'a-b', '2')
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower())
    single = re.sub(r"[._-]+", lambda found: _separator(found[0]), plain)
    return single.strip("._-")[:_LONGEST].rstrip("._-") or "model"


def _separator(text: str) -> str:
    return text if re.fullmatch(_SEPARATOR, text) else "-"
