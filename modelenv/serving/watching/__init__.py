"""What models do in production that their capture never saw: told, counted, kept."""
