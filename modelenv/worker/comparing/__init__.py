"""Whether two predictions are the same, and who says so."""
