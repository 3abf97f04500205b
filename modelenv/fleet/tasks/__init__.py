"""The tasks that run on each model of a fleet."""
