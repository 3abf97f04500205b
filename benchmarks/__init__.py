"""What modelenv costs and how well it does, measured against its peers."""
