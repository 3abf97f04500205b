"""The evidence of a model folder: its graph of reasons, what it touched, what its files are."""
