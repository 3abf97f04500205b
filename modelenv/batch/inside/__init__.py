"""Code for batches that runs in a model's own environment: Python 3.8, standard library."""
