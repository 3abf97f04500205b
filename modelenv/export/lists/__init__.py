"""Lists of what is to be installed: for pip and uv on any platform, and for conda."""
