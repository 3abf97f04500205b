"""Known vulnerabilities of the versions that a model pins, and of the contents of their wheels."""
