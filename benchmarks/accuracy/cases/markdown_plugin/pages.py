from __future__ import annotations

import markdown


class Pages:
    """HTML of short texts, with the list rules that the authors are used to."""

    def __init__(self, extensions: list[str]) -> None:
        self.extensions = extensions

    def predict(self, texts: list[str]) -> list[str]:
        return [markdown.markdown(text, extensions=self.extensions) for text in texts]
