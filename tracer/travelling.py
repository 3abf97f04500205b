"""The parts of the tracer that travel into other interpreters."""

from __future__ import annotations

from pathlib import Path


def probe_folder() -> Path:
    """Return the folder of plain files that travels into other interpreters.

    A driver there makes an empty module of a private name with this folder as its ``__path__``,
    imports ``start`` from it and calls ``start.start(spool)``; :func:`tracer.read_spool` reads the
    records that it and its children left in the folder `spool`.

    >>> (probe_folder() / "start.py").exists()
    True
    """
    return Path(__file__).resolve().parent / "probe"
