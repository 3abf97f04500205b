"""The state of a fleet between runs, by the content of each model."""
