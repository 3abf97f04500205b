"""Entry into child interpreters: a ``sitecustomize`` on PYTHONPATH, and a few more variables.

Every way of starting a child passes on the environment of this process, and nothing else. So the
environment is changed while a trace runs, and restored after it.
"""

from __future__ import annotations

import os

from .entering import EntryCopy

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

SPOOL = "_MODELENV_TRACE_SPOOL"
PHASE = "_MODELENV_TRACE_PHASE"
CALLS = "_MODELENV_TRACE_CALLS"
EVERYTHING = "_MODELENV_TRACE_EVERYTHING"
PATH = "PYTHONPATH"

_ENVIRONMENT = os.environ  # noqa: TID251  # what children inherit is the door


class Children:
    """Makes every interpreter that starts from now on record into the folder `spool`.

    `everything`: all of their touches, see `Touched`. `entry` writes the files they enter by.
    """

    def __init__(
        self, spool: str, everything: bool = False, entry: EntryCopy | None = None
    ) -> None:
        self._values = {SPOOL: os.path.abspath(spool)}
        if everything:
            self._values[EVERYTHING] = "1"
        self._entry = (entry or EntryCopy()).folder_in(self._values[SPOOL])
        self._before: dict[str, str | None] = {}

    def begin(self) -> None:
        """Change the environment."""
        path = _ENVIRONMENT.get(PATH)
        if path is None or self._entry not in path.split(os.pathsep):
            self._values[PATH] = self._entry + (os.pathsep + path if path else "")
        self._before = {name: _ENVIRONMENT.get(name) for name in (*self._values, PHASE, CALLS)}
        _ENVIRONMENT.update(self._values)

    def phase(self, name: str, calls: str = "") -> None:
        """Pass the phase, and its `calls`, to children that start from now on."""
        _ENVIRONMENT[PHASE] = name
        _ENVIRONMENT[CALLS] = calls

    def end(self) -> None:
        """Restore the environment; changes of the traced code to it stay."""
        for name, before in self._before.items():
            value = _ENVIRONMENT.get(name)
            if name == PATH and value != self._values[PATH]:
                self._remove_entry(value)
            elif before is None:
                _ENVIRONMENT.pop(name, None)
            else:
                _ENVIRONMENT[name] = before
        self._before = {}

    def _remove_entry(self, path: str | None) -> None:
        entries = path.split(os.pathsep) if path is not None else []
        if self._entry in entries:
            _ENVIRONMENT[PATH] = os.pathsep.join(each for each in entries if each != self._entry)


def enter_variables() -> tuple[str | None, str, str, bool]:
    """Return the variables that a parent has set.

    The folder to record into, the phase, its `calls`, and whether all touches are recorded.
    """
    phase, calls = _ENVIRONMENT.get(PHASE, ""), _ENVIRONMENT.get(CALLS, "")
    return _ENVIRONMENT.get(SPOOL), phase, calls, EVERYTHING in _ENVIRONMENT


def temporary_folder() -> str:
    """Return the folder for temporary files that ``tempfile`` would try first."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        folder = _ENVIRONMENT.get(name)
        if folder and os.path.isdir(folder):
            return os.path.abspath(folder)
    return "/tmp"  # noqa: S108  # a folder in it is made with a mode of its own


def search_path() -> str:
    """Return the folders in which this process looks for programs."""
    return _ENVIRONMENT.get("PATH", os.defpath)


def why_unseen(
    arguments: Sequence[object], environment: Mapping[object, object] | None
) -> str | None:
    """Return why a started program cannot be traced; None: it can, or it is no Python.

    >>> why_unseen(["python3", "-I", "-c", "import json"], None)
    'python3 -I -c import json: -I keeps the tracer out'
    """
    words = [os.fsdecode(each) for each in arguments if isinstance(each, (str, bytes, os.PathLike))]
    if len(words) > 2 and words[0].endswith("sh") and words[1] == "-c":
        words = words[2].split()
    if not words or not _is_python(words[0]):
        return None
    reason = None
    option = _shutting_out(words[1:])
    if option is not None:
        reason = option + " keeps the tracer out"
    elif environment is not None and not _hands_on(environment):
        reason = "its environment does not name the tracer"
    return None if reason is None else "%s: %s" % (" ".join(words)[:120], reason)


def why_unseen_popen(values: Mapping[str, Any]) -> str | None:
    """Return the same for ``subprocess.Popen``, from the local variables of its call."""
    words = values.get("args")
    if isinstance(words, (str, bytes)):
        words = ["sh", "-c", words]
    if not isinstance(words, (list, tuple)) or not words:
        return None
    environment = values.get("env")
    mapping = environment if isinstance(environment, dict) else None
    return why_unseen([values.get("executable") or words[0], *words[1:]], mapping)


def _is_python(program: str) -> bool:
    name = os.path.basename(program).lower()
    return name.startswith(("python", "pypy"))


def _shutting_out(words: Sequence[str]) -> str | None:
    """Find the interpreter's own option that ignores PYTHONPATH or ``site``, as in ``-Ic``."""
    waiting = False
    for word in words:
        if waiting:
            waiting = False
            continue
        if not word.startswith("-") or word in ("-", "--") or word.startswith("--"):
            return None
        for letter in word[1:]:
            if letter in "IES":
                return "-" + letter
            if letter in "cm":
                return None
            if letter in "WX":
                waiting = word.endswith(letter)
                break
    return None


def _hands_on(environment: Mapping[object, object]) -> bool:
    try:
        names = {os.fsdecode(each) for each in environment if isinstance(each, (str, bytes))}
    except TypeError:  # a list that was made for execve
        return True
    return SPOOL in names and PATH in names
