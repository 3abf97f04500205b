"""Predictions on a node: as they are, as tables, without rows."""
