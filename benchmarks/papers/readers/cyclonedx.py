"""How the library of CycloneDX reads our bills, and whether its schema takes them."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("cyclonedx", ("cyclonedx-python-lib[json-validation]==11.12.0",))

READS = tuple(
    Reads(kind, prints='python "$INSIDE/bill_reads.py" "$DOC"')
    for kind in ("cyclonedx", "cyclonedx of a target")
)
