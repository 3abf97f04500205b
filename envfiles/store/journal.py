"""Two renames that are one: a journal says what they are until both are done.

If folders cannot be exchanged in one step, a process that is killed between the two renames
leaves the target absent. The next one that looks for it finds the journal and ends what was begun.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from .leftovers import held, hold, iter_siblings, release, sibling
from .swap import move_aside

if TYPE_CHECKING:
    from pathlib import Path


def replace(new: Path, target: Path, aside: Path) -> None:
    """Rename `target` to `aside` and `new` to `target`; killed in between, `recover` ends it.

    Raises OSError; then `new` and `target` stand where they stood.
    """
    journal, descriptor = _begin(target, json.dumps({"new": new.name, "old": aside.name}))
    try:
        move_aside(new, target, aside)
    finally:
        journal.unlink()
        release(descriptor)


def recover(target: Path) -> None:
    """End what a killed process began, so that the target is there, the old one or the new one.

    Does nothing, quickly, if the target is there. Waits for a process that is exchanging the
    folders.
    """
    if os.path.lexists(target):
        return
    for journal in iter_siblings(target, "journal"):
        # Another reader may have ended it meanwhile, and what cannot be ended stays absent.
        with suppress(OSError), held(journal, wait=True):
            _end(journal, target)


def sweep(target: Path) -> None:
    """Remove the journals of what is over, or never began."""
    recover(target)
    for journal in iter_siblings(target, "journal"):
        with suppress(OSError), held(journal, wait=True):
            if os.path.lexists(target):
                journal.unlink()


def _begin(target: Path, text: str) -> tuple[Path, int | None]:
    """Write a journal and hold it."""
    while True:
        journal = sibling(target, "journal")
        with journal.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileNotFoundError):  # swept by another process in the moment before
            return journal, hold(journal, wait=True)


def _end(journal: Path, target: Path) -> None:
    names = _names(journal, target)
    for name in names:
        path = target.with_name(name)
        if not os.path.lexists(target) and os.path.lexists(path):
            path.rename(target)
    if os.path.lexists(target) or not names:
        journal.unlink()


def _names(journal: Path, target: Path) -> tuple[str, ...]:
    """Return the names that may take the target's place, the new one first."""
    try:
        record = json.loads(journal.read_text(encoding="utf-8"))
        names = (record["new"], record["old"])
    except (ValueError, KeyError, TypeError):  # killed before it was whole: nothing was renamed yet
        return ()
    ours = {path.name for kind in ("partial", "old") for path in iter_siblings(target, kind)}
    return tuple(name for name in names if name in ours)
