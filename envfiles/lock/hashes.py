"""Strength of a lock's hashes, by the installers that check them.

pip 26.3 and uv 0.13.9 take a file if any of its hashes is right. Both know md5, sha1 and sha3;
of blake2b pip knows 512 bits and uv 256.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .values import Locked

_BROKEN = frozenset(("md5", "sha1"))
_LONG, _SHORT = len("blake2b:") + 128, len("blake2b:") + 64
_MOST = 5


def iter_hash_remarks(packages: Sequence[Locked]) -> Iterator[str]:
    """Yield a sentence for each weakness of the packages' hashes."""
    weak = [each for each in packages if each.is_weak]
    if weak:
        kinds = sorted({kind for each in weak for kind in _kinds(each)})
        yield (
            f"not locked by hashes, as no line of requirements can have {' or '.join(kinds)}:"
            f" {_few(weak)}"
        )
    beside = [each for each in packages if not each.is_weak and _kinds(each) & _BROKEN]
    if beside:
        kinds = sorted({kind for each in beside for kind in _kinds(each) & _BROKEN})
        yield (
            f"{' and '.join(kinds)} beside a strong hash, and pip and uv take a file of which"
            f" either is right: {_few(beside)}"
        )
    if any(_has_blake(each, _LONG) for each in packages):
        yield "blake2b of 512 bits: pip checks it, uv cannot read the lock"
    short = [each for each in weak if _has_blake(each, _SHORT)]
    if short:
        yield f"blake2b of 256 bits alone: uv checks it, pip refuses the file: {_few(short)}"


def _kinds(package: Locked) -> set[str]:
    return {each.partition(":")[0] for each in package.other_hashes}


def _has_blake(package: Locked, length: int) -> bool:
    return any(each.startswith("blake2b:") and len(each) == length for each in package.other_hashes)


def _few(packages: Sequence[Locked]) -> str:
    names = [each.name for each in packages[:_MOST]]
    more = len(packages) - len(names)
    return ", ".join([*names, *([f"{more} more"] if more else [])])
