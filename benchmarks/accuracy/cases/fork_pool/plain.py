from __future__ import annotations

import multiprocessing


def ascii_texts(texts: list[str]) -> list[str]:
    """Return the texts in ASCII, made by a pool of forked processes."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(ascii_of, texts)


def ascii_of(text: str) -> str:
    from unidecode import unidecode

    return unidecode(text)
