"""Messages about yanked files that are used anyway (PEP 592)."""

from __future__ import annotations


def withdrawn(what: str, reason: str) -> str:
    """Return a sentence that files were yanked, with the index's reason.

    >>> withdrawn("a 1.0 was", "broken")
    'a 1.0 was withdrawn (yanked: "broken"): it is taken as a line pins it'
    """
    why = f': "{reason}"' if reason else ""
    return f"{what} withdrawn (yanked{why}): it is taken as a line pins it"
