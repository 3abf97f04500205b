"""What is done with each model of a fleet."""
