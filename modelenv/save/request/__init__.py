"""The request of a save: the caller's arguments, the model, and its captured run."""
