"""Edits of a saved model: its requirements, its lock, its channels."""
