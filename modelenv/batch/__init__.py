"""Predictions on many batches: here, and on engines for data larger than one machine."""
