"""What is asked for: the layers of lines, merged into one set."""
