"""Models through time: revived, upgraded, bisected."""
