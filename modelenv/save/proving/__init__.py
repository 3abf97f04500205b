"""Prove pins: which, with what, in which order, and what was begun before it was known."""
