from __future__ import annotations

from bs4 import BeautifulSoup


class Feeds:
    """The prices in XML feeds."""

    def __init__(self, parser: str) -> None:
        self.parser = parser

    def predict(self, feeds: list[str]) -> list[float]:
        soups = [BeautifulSoup(feed, self.parser) for feed in feeds]
        return [sum(float(price.text) for price in soup.find_all("Price")) for soup in soups]
