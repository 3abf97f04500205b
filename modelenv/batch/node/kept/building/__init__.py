"""Building an environment on a node: its Python, its installer, its index."""
