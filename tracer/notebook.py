"""The cell magic ``%%trace``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .session import trace

if TYPE_CHECKING:
    from .traces import Trace


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%trace`` with IPython: what ``%load_ext tracer`` calls.

    >>> from types import SimpleNamespace
    >>> registered = []
    >>> shell = SimpleNamespace(register_magic_function=lambda *given: registered.append(given))
    >>> load_ipython_extension(shell)
    >>> registered[0][1:]
    ('cell', 'trace')
    """

    def trace_cell(line: str, cell: str) -> Trace:
        """Run a cell, show its trace, and store it: ``%%trace NAME``, or as `traced`."""
        with trace(touched=True) as observed:
            shell.run_cell(cell)
        shell.user_ns[line.strip() or "traced"] = observed.trace
        return observed.trace

    shell.register_magic_function(trace_cell, "cell", "trace")
