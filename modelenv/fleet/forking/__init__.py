"""Verifying models in forks of one process that has imported their shared modules."""
