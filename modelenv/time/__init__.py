"""Models through time."""
