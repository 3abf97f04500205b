"""Sending our code to an engine's processes, and its arrival there."""
