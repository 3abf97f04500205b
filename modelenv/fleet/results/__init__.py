"""The results of a fleet: of each model, of all, and as tables."""
