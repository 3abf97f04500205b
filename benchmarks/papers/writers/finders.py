"""Lists of tools that look for what is needed: pipreqs, pigar, pip-chill."""

from __future__ import annotations

from ..written import Tool, Written

TOOL = Tool(
    "pipreqs",
    ("pipreqs==0.5.0", "pigar==2.2.0", "pip-chill==1.0.5", "attrs==26.1.0", "click==8.1.8"),
)

_CODE = {"code/wine.py": "import attrs\nimport click\n\nprint(attrs, click)\n"}
_IN = '"$UV" pip install -q --python "$ENV/bin/python" --no-deps -r requirements.txt'

PAPERS = (
    Written(
        "pipreqs", "requirements.txt", _CODE, "pipreqs --pypi-server https://pypi.org/pypi/ --savepath requirements.txt code",
        _IN,
    ),
    Written(
        "pigar", "requirements.txt", _CODE,
        "pigar --log-level ERROR generate --auto-select --question-answer no -f requirements.txt code", _IN,
    ),
    Written("pip-chill", "requirements.txt", {}, "pip-chill > requirements.txt", _IN),
    Written("pip-chill-versions", "requirements.txt", {}, "pip-chill -v > requirements.txt", _IN),
)  # fmt: skip
