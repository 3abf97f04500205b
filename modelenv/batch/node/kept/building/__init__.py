"""How a node builds an environment: which Python, which installer, which index."""
