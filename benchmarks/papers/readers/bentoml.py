"""How BentoML reads our export for it."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("bentoml", ("bentoml==1.4.40", "uv==0.13.9"))

READS = (Reads("bentofile", prints='python "$INSIDE/server_reads.py" "$DOC"'),)
