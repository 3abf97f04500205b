"""How PDM imports our lists."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("pdm", ("pdm==2.29.4", "hishel==1.4.0"))

_IMPORT = (
    'cd "$(mktemp -d)" && '
    'pdm -q import -f requirements "$DOC" >log.txt && '
    "python -c \"import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\\n')\""
)

READS = (Reads("requirements.txt", prints=_IMPORT), Reads("requirements", prints=_IMPORT))
