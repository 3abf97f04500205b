"""Predictions on a node: unchanged, as tables, without rows."""
