"""A model's environment as one file, for machines without an index."""
