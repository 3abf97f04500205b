"""What writes locks, and exports them."""
