"""What came of the models of a fleet: of each, of all, and as tables."""
