"""Lists of packages to install: for pip and uv on any platform, and for conda."""
