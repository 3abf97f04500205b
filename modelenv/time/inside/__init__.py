"""Code that replaces a model's loader, in its own environment."""
