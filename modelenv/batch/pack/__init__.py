"""A model's environment as one file for machines that have no index."""
