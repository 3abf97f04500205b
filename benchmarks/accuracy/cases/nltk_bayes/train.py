from __future__ import annotations

from opinions import Opinion

TEXTS = [
    ("I loved the acting", "good"), ("a lovely evening", "good"), ("what a great story", "good"),
    ("boring and long", "bad"), ("we hated the ending", "bad"), ("the story bored us", "bad"),
]  # fmt: skip


def build() -> tuple[Opinion, list[str]]:
    return Opinion(TEXTS), ["loving the story", "it bores", "a hateful evening"]
