"""What models do in production that their capture never saw: reported, counted, stored."""
