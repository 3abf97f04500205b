"""Reports of workers: read within bounds, and checked against one table of events."""
