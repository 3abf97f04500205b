"""Formats that uv runs: a project with its lock, and a script with inline requirements."""
