"""How pip-tools reads our lists."""

from __future__ import annotations

from ..written import Reads, Tool

TOOL = Tool("pip-tools", ("pip-tools==7.6.2", "pip==26.3", "setuptools==80.9.0"))

_SYNC = (
    '"$UV" pip install -q --python "$ENV/bin/python" pip==26.3 && '
    'pip-sync -q --python-executable "$ENV/bin/python" --pip-args --no-deps "$DOC" && '
    '"$UV" pip uninstall -q --python "$ENV/bin/python" pip'
)

READS = tuple(Reads(kind, _SYNC) for kind in ("requirements.txt", "requirements"))
