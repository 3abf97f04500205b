"""Predict on many batches: here, and on engines for more data than one machine holds."""
