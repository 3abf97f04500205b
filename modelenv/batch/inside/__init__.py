"""What runs in a model's own environment for batches: Python 3.8, standard library."""
