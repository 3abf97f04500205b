"""Save a model from this process as a folder that is proven to run."""
