"""Lists of uv: its lock, and `[tool.uv]`."""
