"""The severity of an advisory, in one word.

A database's own word takes precedence. Otherwise it follows from the base score of CVSS 3, which
is computed from the vector (specification, §7.1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

WORDS = ("low", "medium", "high", "critical")
"""From the least to the most severe."""
_CALLED = {"moderate": "medium", "important": "high"}
_BOUNDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
_WEIGHTS = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {
    "U": {"N": 0.85, "L": 0.62, "H": 0.27},
    "C": {"N": 0.85, "L": 0.68, "H": 0.5},
}


def severity_of(document: Mapping[str, Any]) -> str:
    """Return the gravest severity that the document states; empty if it states none."""
    found = {*_iter_words(document), *_iter_scored(document)}
    return next((word for word in reversed(WORDS) if word in found), "")


def _iter_words(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the database's own words; AlmaLinux begins the summary with it ("Important: ...")."""
    own = document.get("database_specific")
    said = own.get("severity") if isinstance(own, Mapping) else None
    summary = document.get("summary")
    before = summary.partition(":")[0] if isinstance(summary, str) and ":" in summary else ""
    for each in (said, before):
        if isinstance(each, str):
            word = each.strip().lower()
            yield _CALLED.get(word, word)


def _iter_scored(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words for the stated scores, of the whole and of single packages."""
    affected = document.get("affected")
    holders = (document, *(affected if isinstance(affected, list) else ()))
    for holder in holders:
        said = holder.get("severity") if isinstance(holder, Mapping) else None
        for each in said if isinstance(said, list) else ():
            if isinstance(each, Mapping) and each.get("type") == "CVSS_V3":
                score = base_score(str(each.get("score")))
                if score is not None:
                    yield next((word for bound, word in _BOUNDS if score >= bound), "")


def base_score(vector: str) -> float | None:
    """Return the base score of a CVSS 3.0 or 3.1 vector; None for any other text.

    >>> base_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), base_score("high")
    (9.8, None)
    """
    head, *parts = vector.strip().split("/")
    said = dict(part.partition(":")[::2] for part in parts)
    if not head.startswith("CVSS:3"):
        return None
    try:
        weights = {name: known[said[name]] for name, known in _WEIGHTS.items()}
        weights["PR"] = _PRIVILEGES[said["S"]][said["PR"]]
    except KeyError:
        return None
    kept = (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"])
    changed, base = said["S"] == "C", 1 - kept
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    ease = 8.22 * weights["AV"] * weights["AC"] * weights["PR"] * weights["UI"]
    if impact <= 0:
        return 0.0
    return (
        math.ceil(round(min((1.08 if changed else 1.0) * (impact + ease), 10.0) * 100_000) / 10_000)
        / 10
    )
