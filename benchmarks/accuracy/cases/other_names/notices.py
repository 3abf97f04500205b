from __future__ import annotations

import yaml
from bs4 import BeautifulSoup
from dateutil import parser


class Notices:
    """Days and titles of the notices on a page."""

    def __init__(self, rules: str) -> None:
        self.rules = rules

    def predict(self, pages: list[str]) -> list[list[tuple[str, str]]]:
        rules = yaml.safe_load(self.rules)
        return [self._notices(BeautifulSoup(page, "html.parser"), rules) for page in pages]

    def _notices(self, page: BeautifulSoup, rules: dict[str, str]) -> list[tuple[str, str]]:
        notices = page.select(rules["notice"])
        days = [parser.parse(notice[rules["day"]]).date().isoformat() for notice in notices]
        return list(zip(days, (notice.get_text(strip=True) for notice in notices), strict=True))
