"""How MLServer reads our export for it."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("mlserver", ("mlserver==1.7.1",))

READS = (Reads("model-settings", prints='python "$INSIDE/server_reads.py" "$DOC"'),)
