from __future__ import annotations

from collections.abc import Callable

from plain import ascii_texts


def build() -> tuple[Callable[[list[str]], list[str]], list[str]]:
    return ascii_texts, ["Москва", "Ærøskøbing", "北京", "Łódź"]
