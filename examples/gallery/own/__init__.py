"""What the models of the gallery have of their own."""
