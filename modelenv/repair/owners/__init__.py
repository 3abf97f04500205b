"""Owners of modules, files and names among installed, pinned and well-known distributions."""
