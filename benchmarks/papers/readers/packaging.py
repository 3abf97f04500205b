"""How packaging reads our locks."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("packaging", ("packaging==26.4",))

READS = (
    Reads("pylock.toml", prints='python "$INSIDE/selected.py" "$DOC"'),
    Reads("pylock of a target", prints='python "$INSIDE/selected.py" "$DOC" "$TARGET"'),
)
