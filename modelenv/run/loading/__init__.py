"""What a model that is loaded into this interpreter is, and how its folder stays as it was."""
