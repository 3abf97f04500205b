from __future__ import annotations

from pages import Pages


def build() -> tuple[Pages, list[str]]:
    return Pages(["mdx_truly_sane_lists"]), ["- a\n  - b\n- c", "1. one\n\n- two\n"]
