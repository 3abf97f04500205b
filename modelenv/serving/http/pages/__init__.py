"""Pages that describe what the server accepts and returns."""
