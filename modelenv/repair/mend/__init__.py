"""Change the requirements of a model that fails, until it runs."""
