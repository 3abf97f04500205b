"""The records of a model's history in MLmodel: its use of the system, and upgrades."""
