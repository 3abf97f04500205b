"""What a person sees: reports as pages on a terminal, and how much of them is told."""
