"""What MLmodel records of the life of a model: what it used of a system, and of upgrades."""
