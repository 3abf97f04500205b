"""Run the model and record what it uses."""
