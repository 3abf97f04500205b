"""What is known against the versions that a model pins, and against what their wheels hold."""
