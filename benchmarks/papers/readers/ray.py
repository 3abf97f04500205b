"""How Ray reads our export for it."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("ray", ("ray==2.60.0", "pyyaml==6.0.3"))

READS = (Reads("ray-runtime-env", prints='python "$INSIDE/server_reads.py" "$DOC"'),)
