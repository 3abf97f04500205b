from __future__ import annotations

from importlib import import_module


class Index:
    """Documents by the stems of their words, built of parts that are chosen by name."""

    def __init__(self, documents: dict[str, str], language: str) -> None:
        self.documents = documents
        self.language = language
        self.parts = {"stem": ("snowball", "stemmer"), "order": ("sorted", "containers")}

    def predict(self, words: list[str]) -> list[list[str]]:
        stem = self._part("stem").stemmer(self.language).stemWord
        found = self._part("order").SortedDict()
        for name, text in self.documents.items():
            for word in text.split():
                found.setdefault(stem(word), []).append(name)
        return [found.get(stem(word), []) for word in words]

    def _part(self, role: str) -> object:
        return import_module("".join(self.parts[role]))
