"""Reports as pages on a terminal, and how much of them is shown."""
