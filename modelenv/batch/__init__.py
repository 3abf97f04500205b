"""Batches of rows, predicted in the model's environment, here or on an engine's nodes."""
