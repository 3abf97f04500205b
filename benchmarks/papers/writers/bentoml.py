"""Requirements as a bento has them."""

from __future__ import annotations

from ..projects import LIST
from ..written import Tool, Written

TOOL = Tool("bentoml", ("bentoml==1.4.40", "uv==0.13.9"))

_FILES = {
    "requirements.in": LIST,
    "service.py": "import bentoml\n\n\n@bentoml.service\nclass Wine:\n    @bentoml.api\n"
    "    def rate(self, said: str) -> str:\n        return said\n",
    "bentofile.yaml": "service: service:Wine\npython:\n  requirements_txt: requirements.in\n",
}
_BUILD = (
    'export BENTOML_HOME="$PWD/.bentoml" BENTOML_DO_NOT_TRACK=1; mkdir -p .bentoml; bentoml build -q > tag.txt && '
    "cp .bentoml/bentos/*/*/env/python/requirements.txt requirements.txt && rm -rf .bentoml tag.txt"
)

PAPERS = (
    Written(
        "bentoml", "requirements.txt", _FILES, _BUILD,
        '"$UV" pip install -q --no-deps --python "$ENV/bin/python" -r requirements.txt',
    ),
)  # fmt: skip
