"""From a model in this process to a folder that is proven."""
