"""What a save is asked for: the caller's arguments, the model, and its captured run."""
