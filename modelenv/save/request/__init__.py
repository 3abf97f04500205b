"""What is asked of a save: by the caller's words, by the model, and by what its run showed."""
