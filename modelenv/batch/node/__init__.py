"""What travels to an engine's Python: the standard library, and our rooms that need no other."""
