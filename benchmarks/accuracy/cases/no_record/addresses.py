from __future__ import annotations

from slugify import slugify


class Addresses:
    """Addresses of pages from their titles."""

    def predict(self, titles: list[str]) -> list[str]:
        return [slugify(title) for title in titles]
