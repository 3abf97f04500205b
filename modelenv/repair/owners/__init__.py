"""Whose a module, a file or a name is, of what is installed, pinned or well known."""
