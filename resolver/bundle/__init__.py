"""Files that can be installed: found on indexes, or written from what is installed."""
