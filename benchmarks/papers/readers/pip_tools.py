"""How pip-tools reads our lists."""

from __future__ import annotations

from ..writers.pip_tools import TOOL
from ..written import Reads

__all__ = ["READS", "TOOL"]

_SYNC = (
    '"$UV" pip install -q --python "$ENV/bin/python" pip==26.3 && '
    'pip-sync -q --python-executable "$ENV/bin/python" --pip-args --no-deps "$DOC" && '
    '"$UV" pip uninstall -q --python "$ENV/bin/python" pip'
)

READS = tuple(Reads(kind, _SYNC) for kind in ("requirements.txt", "requirements"))
