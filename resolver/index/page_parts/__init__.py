"""What the page of an index is read by."""
