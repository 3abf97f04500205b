"""The choice of candidates: the walk, the search, and the check of either."""
