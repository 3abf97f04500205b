"""Incoming rows, converted to the types of the model's example."""
