"""Change what a saved model asks for: its requirements, its lock, its channels."""
