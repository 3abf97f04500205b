"""How PDM imports our lists."""

from __future__ import annotations

from ..writers.pdm import TOOL
from ..written import Reads

__all__ = ["READS", "TOOL"]

_IMPORT = (
    'cd "$(mktemp -d)" && '
    'pdm -q import -f requirements "$DOC" >log.txt && '
    "python -c \"import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\\n')\""
)

READS = (Reads("requirements.txt", prints=_IMPORT), Reads("requirements", prints=_IMPORT))
