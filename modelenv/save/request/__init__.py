"""The request of a save: from the caller's arguments, the model, and its run."""
