from __future__ import annotations

import networkx as nx


class Ranks:
    """The pages of a site by their rank."""

    def __init__(self, damping: float) -> None:
        self.damping = damping

    def predict(self, links: list[tuple[str, str]]) -> dict[str, float]:
        ranks = nx.pagerank(nx.DiGraph(links), alpha=self.damping)
        return {page: ranks[page] for page in sorted(ranks)}
