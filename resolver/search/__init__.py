"""Which candidates are chosen: the walk, the search, and the check of either."""
