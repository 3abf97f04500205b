from __future__ import annotations

from feeds import Feeds


def build() -> tuple[Feeds, list[str]]:
    return Feeds("xml"), ["<Shop><Price>2.5</Price><Price>4</Price></Shop>", "<Shop/>"]
