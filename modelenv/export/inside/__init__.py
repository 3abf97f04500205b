"""What is written beside a model and runs where it does. Needs the standard library alone."""
