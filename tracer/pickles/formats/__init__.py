"""File formats by their first bytes, and the headers that are read before any pickle."""
