"""Code that runs in the environment of a served model: Python 3.8, standard library."""
