"""What stands in a model folder, and how it is read, written and rewritten."""
