from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor


class Matcher:
    """The known name that is nearest to what was typed."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def predict(self, typed: list[str]) -> list[dict[str, object]]:
        plain: list[str] = []
        cleaner = threading.Thread(target=self._clean, args=(typed, plain))
        cleaner.start()
        cleaner.join()
        with ThreadPoolExecutor(max_workers=2) as pool:
            return list(pool.map(self._nearest, plain))

    def _clean(self, typed: list[str], plain: list[str]) -> None:
        from text_unidecode import unidecode

        plain.extend(unidecode(text).lower() for text in typed)

    def _nearest(self, text: str) -> dict[str, object]:
        from rapidfuzz import fuzz, process

        name, score, _ = process.extractOne(text, self.names, scorer=fuzz.ratio)
        return {"name": name, "score": score}
