"""Counts of names, for a limited number of distinct names, until the counts are taken."""

from __future__ import annotations

from collections import deque

from .forks import Forks

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from .importer import Place
    from .journal import Journal

    Key = tuple[str, str]

MOST = 500
"""The most names that are remembered: for a new one the first reported is forgotten."""
WAITING = 5000
"""The most new names that wait to be taken; further ones are only counted."""
LONGEST = 1000
"""The most characters of a name; a longer one loses its beginning."""
_AT_ONCE = 100  # new names in one answer


class Tally:
    """The number of times that each name was met, by kind; any thread may count.

    A name that is new is never lost; of two threads that count one name at the same moment, one
    count may be. A name that was forgotten is reported once more. A forked child reports each name
    once. With a `journal`, new names are written there until they are taken.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._forks = Forks()
        self._journal = journal
        self._asked: dict[Key, str] = {}
        self._new: deque[Key] = deque()
        self._told: deque[Key] = deque()
        self._counts: dict[Key, int] = {}
        self._more: dict[str, int] = {}

    def begin(self) -> None:
        """Begin to receive counts from children that are forked."""
        self._forks.listen()

    def end(self) -> None:
        """Stop receiving them."""
        self._forks.close()
        if self._journal is not None:
            self._journal.close()

    def knows(self, kind: str, name: str) -> bool:
        """Return whether a name was counted before."""
        return (kind, name) in self._asked

    def again(self, kind: str, name: str) -> None:
        """Count one more of a known name."""
        key = kind, name
        self._counts[key] = self._counts.get(key, 0) + 1

    def count(self, kind: str, name: str, place: Place) -> None:
        """Count one more, requested by the code at `place`."""
        self._count(kind, name[-LONGEST:], _shown(place))

    def note(self, kind: str, name: str, place: Place) -> None:
        """Count like `count`, and in the journal, which survives the death of this process."""
        if self._journal is not None and not self.knows(kind, name):
            self._journal.note(kind, name[-LONGEST:], _shown(place))
        self.count(kind, name, place)

    def fail(self) -> None:
        """Note that something could not be counted: that is no failure of the running code."""
        self._more["faults"] = self._more.get("faults", 0) + 1

    @property
    def in_child(self) -> bool:
        """Whether this is a child of the process that is watched."""
        return self._forks.in_child

    def is_of_child(self, kind: str, name: str) -> bool:
        """Return whether a child reported a name."""
        return self._forks.told(kind, name)

    def catch_up(self) -> None:
        """Add the counts of children since the last time."""
        if self._forks.happened:
            for kind, name, by in self._forks.read():
                self._count(kind, name, by)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted since the last time."""
        return not (self._new or self._counts or self._more)

    def take(self) -> tuple[dict[Key, str], dict[Key, int], dict[str, int]]:
        """Return the new names with their askers, the counts of all, and the number of others."""
        new = [self._new.popleft() for _ in range(min(len(self._new), _AT_ONCE))]
        waiting = set(self._new)
        counts = {key: self._counts.pop(key) for key in list(self._counts) if key not in waiting}
        more, self._more = self._more, {}
        asked = {key: self._asked[key] for key in new}
        self._told.extend(new)
        if self._journal is not None:
            self._journal.empty()
        return asked, counts, more

    def _count(self, kind: str, name: str, by: str) -> None:
        key = kind, name
        if key not in self._asked:
            if not self._has_room():
                self._more[kind] = self._more.get(kind, 0) + 1
                return
            self._asked[key] = by
            if self._forks.in_child:
                self._forks.tell(kind, name, by)
            self._new.append(key)
        self.again(kind, name)

    def _has_room(self) -> bool:
        """Return whether one more name can be taken; reported names are forgotten to make room."""
        while len(self._asked) >= MOST and self._told:
            key = self._told.popleft()
            self._asked.pop(key, None)
            self._forks.forget(*key)
        return len(self._new) < WAITING


def _shown(place: Place) -> str:
    """Return the file and the line that asked; the module if there is no file."""
    module, file, line = place
    shown = (file or module or "")[-LONGEST:]
    return "%s:%d" % (shown, line) if shown and line else shown
