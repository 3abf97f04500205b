"""Take one module out of a RECORD, the file itself being left."""

from __future__ import annotations

import sysconfig
from pathlib import Path

(record,) = Path(sysconfig.get_path("purelib")).glob("sortedcontainers-*.dist-info/RECORD")
lines = record.read_text("utf-8").splitlines(keepends=True)
kept = [line for line in lines if not line.startswith("sortedcontainers/sortedlist.py,")]
assert len(kept) == len(lines) - 1
record.write_text("".join(kept), "utf-8")
