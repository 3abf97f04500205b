"""What writes lists of requirements."""
