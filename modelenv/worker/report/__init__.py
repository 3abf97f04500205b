"""What a worker reports: read within bounds, and held against one table of events."""
