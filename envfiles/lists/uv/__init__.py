"""uv's own lists: its lock, and what `[tool.uv]` says."""
