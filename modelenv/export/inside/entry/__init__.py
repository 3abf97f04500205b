"""What a server starts: it runs where that is installed."""
