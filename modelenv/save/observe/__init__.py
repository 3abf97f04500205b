"""Run the model and record what it touches."""
