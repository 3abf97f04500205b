"""What runs in a model's own environment while it is served: Python 3.8, standard library."""
