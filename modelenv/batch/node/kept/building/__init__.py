"""Build an environment on a node: find its Python, its installer, its index."""
