"""The content of a model folder, and reading, writing and rewriting it."""
