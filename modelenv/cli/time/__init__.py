"""The commands that take a model through time."""
