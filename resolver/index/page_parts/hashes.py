"""The digests that a page names, of its files and of their metadata."""

from __future__ import annotations

import re

_DIGITS = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "sha3_224": 56,
    "sha3_256": 64,
    "sha3_384": 96,
    "sha3_512": 128,
    "blake2b": 128,
    "blake2s": 64,
}
"""The hexadecimal digits of each algorithm that hashlib has everywhere."""

_HASH = re.compile("|".join(rf"{kind}=[0-9a-fA-F]{{{digits}}}" for kind, digits in _DIGITS.items()))


def readable_hashes(stated: object) -> tuple[str, ...] | None:
    """Return digests as "sha256=...", for known algorithms; None if one is malformed.

    >>> readable_hashes({"md5": 32 * "a", "crc32": "12"})
    ('md5=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',)
    >>> readable_hashes({"md5": "a"}), readable_hashes(["md5"]), readable_hashes(None)
    (None, None, ())
    """
    if not isinstance(stated, dict):
        return None if stated else ()
    made: list[str] = []
    for kind, value in stated.items():
        text = f"{kind}={value}"
        if _HASH.fullmatch(text):
            made.append(text)
        elif kind in _DIGITS:
            return None
    return tuple(made)


def hashes_of(fragment: str) -> tuple[str, ...] | None:
    """Return the digests in the fragment of a URL (PEP 503), as `readable_hashes` does.

    >>> hashes_of("egg=a"), hashes_of("md5=a")
    ((), None)
    """
    if not fragment or _HASH.fullmatch(fragment):  # so are nearly all
        return (fragment,) if fragment else ()
    named = (each.partition("=") for each in fragment.split("&"))
    return readable_hashes({kind: value for kind, _, value in named})


def offered_metadata(stated: object) -> str | None:
    """Return the digest of offered metadata (PEP 714), "true" without one, "" for no offer.

    None: the digest is malformed.

    >>> offered_metadata(True), offered_metadata({}), offered_metadata("sha256=0")
    ('true', '', None)
    """
    if not stated or stated is True:
        return "true" if stated else ""
    if isinstance(stated, str):
        text = stated if stated.startswith("sha256=") else ""
    else:
        value = stated.get("sha256") if isinstance(stated, dict) else None
        text = f"sha256={value}" if value else ""
    if not text:
        return "true"
    return text if _HASH.fullmatch(text) else None
