"""What stands in a model directory, and how it is laid out."""
