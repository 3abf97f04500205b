"""The exported pins, and their disagreements with the metadata of their distributions."""
