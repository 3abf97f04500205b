from __future__ import annotations

import io

from ruamel.yaml import YAML


class Settings:
    """Settings files with one value changed and everything else kept, comments too."""

    def __init__(self, key: str, value: int) -> None:
        self.key = key
        self.value = value

    def predict(self, texts: list[str]) -> list[str]:
        return [self._changed(text) for text in texts]

    def _changed(self, text: str) -> str:
        yaml = YAML()
        document = yaml.load(text)
        document[self.key] = self.value
        written = io.StringIO()
        yaml.dump(document, written)
        return written.getvalue()
