"""Rows that come in, converted to the types of the model's example."""
