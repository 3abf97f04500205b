"""What is known against the versions that a fleet pins."""
