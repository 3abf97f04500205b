"""What an old model states, read and never changed."""
