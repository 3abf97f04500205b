"""What stands in for a model's loader, in its own environment."""
