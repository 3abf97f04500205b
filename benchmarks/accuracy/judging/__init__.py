"""What a tool captured, tried out elsewhere, counted and told."""
