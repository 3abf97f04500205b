"""Verify models in forks of one process that has imported what they share."""
