"""How BentoML reads our export for it."""

from __future__ import annotations

from ..writers.bentoml import TOOL
from ..written import Reads

__all__ = ["READS", "TOOL"]

READS = (Reads("bentofile", prints='python "$INSIDE/server_reads.py" "$DOC"'),)
