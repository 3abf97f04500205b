"""What writes models."""
