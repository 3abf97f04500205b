from __future__ import annotations

import multiprocessing


def address_of(title: str) -> str:
    from slugify import slugify

    return slugify(title, max_length=24, word_boundary=True)


class Addresses:
    """A page's address from its title, made by spawned processes."""

    def predict(self, titles: list[str]) -> list[str]:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.map(address_of, titles)
