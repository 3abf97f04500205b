"""The comparison of two predictions, and the process that makes it."""
