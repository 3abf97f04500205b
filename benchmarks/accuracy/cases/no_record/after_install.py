"""Remove the RECORD of two distributions, as packagers of systems do: it is optional (PEP 627)."""

from __future__ import annotations

import sysconfig
from pathlib import Path

SITE = Path(sysconfig.get_path("purelib"))

for name in ("python_slugify", "text_unidecode"):
    (record,) = SITE.glob(f"{name}-*.dist-info/RECORD")
    record.unlink()
