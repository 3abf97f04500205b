"""Settings of libraries that this process has, and the fresh one that ran the model had not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...worker.report.library_settings import changed_settings


def settings_notes(there: Mapping[str, str]) -> Iterator[str]:
    """Yield a note if libraries are set otherwise here than they were in the model's run, `there`.

    What is here as in any fresh process is no matter: the model sets it otherwise by itself.

    >>> from decimal import localcontext
    >>> with localcontext() as context:
    ...     context.prec = 9
    ...     [note] = settings_notes({"decimal.getcontext().prec = {}": "28"})
    >>> note[:66]
    'set in this process alone: decimal.getcontext().prec = 9 (else 28)'
    """
    unlike = [
        f"{how.format(value)} (else {there[how]})"
        for how, value in changed_settings().items()
        if there.get(how, value) != value
    ]
    if unlike:
        yield (
            f"set in this process alone: {', '.join(unlike)}; the model was run without, as it will"
            " be elsewhere, so it may predict something else there than here. A model that needs"
            " such a setting makes it in its own code"
        )
