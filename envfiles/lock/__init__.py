"""pylock.toml, and the lock as a value."""
