"""The cell magic ``%%trace``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from .session import trace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .records import ImportRecord, Touch
    from .traces import Trace

_NAME = "traced"
# Who asks for what a cell asks for; None: a child process that it starts, or a pickle.
_CELL = ("__main__", None)


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%trace`` with IPython: what ``%load_ext tracer`` calls.

    >>> from types import SimpleNamespace
    >>> registered = []
    >>> shell = SimpleNamespace(register_magic_function=lambda *given: registered.append(given))
    >>> load_ipython_extension(shell)
    >>> registered[0][1:]
    ('cell', 'trace')
    """
    shells = {kind.__module__.partition(".")[0] for kind in type(shell).__mro__}

    def trace_cell(line: str, cell: str) -> Trace:
        """Run a cell, show its trace, and store it: ``%%trace NAME``, or as `traced`."""
        name = line.strip() or _NAME
        if not name.isidentifier() or iskeyword(name):
            from IPython.core.error import UsageError  # type: ignore[import-not-found]

            raise UsageError(
                f"%%trace stores the trace under one name, and {name!r} is none:"
                f" write %%trace NAME, or %%trace alone for {_NAME!r}"
            )
        with trace(touched=True) as observed:
            shell.run_cell(cell)
        seen = observed.trace
        found = replace(
            seen,
            records=tuple(of_cell(seen.records, shells)),
            touches=tuple(touched_by_cell(seen.touches, shells, _opener(shell))),
        )
        shell.user_ns[name] = found
        return found

    shell.register_magic_function(trace_cell, "cell", "trace")


def of_cell(records: Iterable[ImportRecord], shells: Collection[str]) -> Iterator[ImportRecord]:
    """Yield the records of what a cell asks for; not what the shell does to run and show it.

    `shells` are the packages of the shell. A standard library module that the shell runs first is
    left out with it.
    """
    asked: defaultdict[str | None, list[ImportRecord]] = defaultdict(list)
    for record in records:
        asked[record.importer].append(record)
    waiting = list(_CELL)
    while waiting:
        for record in asked.pop(waiting.pop(), ()):
            is_shells = record.name.partition(".")[0] in shells
            if not (is_shells and record.how == "ran"):
                yield record
            if not is_shells:
                waiting.append(record.name)


def touched_by_cell(
    touches: Iterable[Touch], shells: Collection[str], opener: str | None
) -> Iterator[Touch]:
    """Yield what a cell touches; `opener` is the module of the shell's own ``open``, if any."""
    for touch in touches:
        if touch.importer is not None and touch.importer == opener:
            yield replace(touch, importer="__main__", importer_file=None, line=None)
        elif (touch.importer or "").partition(".")[0] not in shells:
            yield touch


def _opener(shell: Any) -> str | None:
    """Return the module whose function cells call as ``open``; None: it is Python's own."""
    scope: dict[str, Any] = getattr(shell.user_ns.get("open"), "__globals__", {})
    return scope.get("__name__")
